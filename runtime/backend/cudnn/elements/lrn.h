// Local response normalisation across maps, within each tower (layer_spec.h). Channels are
// neighbours, so a window is one short run of values.
#pragma once

#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/cudnn/elements/power.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

// The window of a value: [first, end) of the same pixel and tower.
struct LrnWindow {
  std::int64_t first;
  std::int64_t end;
};

// s = k + alpha' * sum of squares over the window.
template <class T>
struct LrnScales {
  Divider by_tower;  // towers are as wide as each other, so they also divide the whole array
  std::int64_t tower;
  std::int64_t half;
  float alpha;
  float beta;
  float k;
  Values<T> in;

  SLUICE_HD LrnWindow window(std::int64_t i) const {
    const std::int64_t tower_first = by_tower.quotient(i) * tower;
    const std::int64_t tower_end = tower_first + tower;
    return {i - half > tower_first ? i - half : tower_first,
            i + half + 1 < tower_end ? i + half + 1 : tower_end};
  }
  SLUICE_HD float scale(std::int64_t i) const {
    const LrnWindow seen = window(i);
    float sum = 0.0F;
    for (std::int64_t j = seen.first; j < seen.end; ++j) sum += in[j] * in[j];
    return k + alpha * sum;
  }
};

template <class T>
struct LrnOutput {
  LrnScales<T> scales;
  Target out;

  SLUICE_HD void operator()(std::int64_t i) const {
    out.store(i, scales.in[i] * inverse_power(scales.scale(i), scales.beta));
  }
};

// da_i = g_i s_i^-beta - 2 alpha' beta a_i * sum of g_j a_j s_j^(-beta - 1) over the window of i.
template <class T>
struct LrnInputGradient {
  LrnScales<T> scales;
  AnyValues out_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    const LrnWindow seen = scales.window(i);
    float direct = 0.0F, sum = 0.0F;
    for (std::int64_t j = seen.first; j < seen.end; ++j) {
      const float s = scales.scale(j);
      const float own = out_gradient[j] * inverse_power(s, scales.beta);
      sum += own * scales.in[j] / s;
      if (j == i) direct = own;
    }
    in_gradient.store(i, direct - 2.0F * scales.alpha * scales.beta * scales.in[i] * sum);
  }
};

template <class T>
LrnScales<T> lrn_scales(const Plane& plane, const Lrn& spec, const std::byte* in) {
  const double alpha = spec.reading == Lrn::Alpha::window ? spec.alpha / spec.size : spec.alpha;
  const std::int64_t tower = plane.channels / spec.towers;
  return {.by_tower = Divider(tower),
          .tower = tower,
          .half = spec.size / 2,
          .alpha = static_cast<float>(alpha),
          .beta = static_cast<float>(spec.beta),
          .k = static_cast<float>(spec.k),
          .in = Values<T>(in)};
}

template <class Executor>
void run(const LrnForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(what.plane.values(),
                      LrnOutput<T>{lrn_scales<T>(what.plane, what.spec, memory.at(what.in)),
                                   Target(memory, what.out)});
  });
}

template <class Executor>
void run(const LrnBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(what.plane.values(),
                      LrnInputGradient<T>{lrn_scales<T>(what.plane, what.spec, memory.at(what.in)),
                                          AnyValues(memory, what.out_gradient),
                                          Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
