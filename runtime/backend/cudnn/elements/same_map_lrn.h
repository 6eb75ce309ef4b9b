// Normalisation over a square window of the same map (layer_spec.h).
#pragma once

#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/power.h"
#include "runtime/backend/cudnn/elements/values.h"

namespace sluice::cudnn::elements {

template <class T>
struct SameMapScales {
  PlaneIndex index;
  int half;
  float alpha;  // of one pixel
  float beta;
  float k;
  Values<T> in;

  // Calls visit(place) for the pixels around `at` that are there, row by row.
  template <class Visit>
  SLUICE_HD void for_window(const Place& at, const Visit& visit) const {
    const Plane& plane = index.plane();
    for (int y = at.y > half ? at.y - half : 0; y <= at.y + half && y < plane.height; ++y) {
      for (int x = at.x > half ? at.x - half : 0; x <= at.x + half && x < plane.width; ++x) {
        visit(Place{at.row, y, x, at.channel});
      }
    }
  }
  SLUICE_HD float scale(const Place& at) const {
    float sum = 0.0F;
    for_window(at, [&](const Place& p) {
      const float value = in[index.at(p)];
      sum += value * value;
    });
    return k + alpha * sum;
  }
};

template <class T>
struct SameMapOutput {
  SameMapScales<T> scales;
  Target out;

  SLUICE_HD void operator()(std::int64_t i) const {
    const float s = scales.scale(scales.index.place(i));
    out.store(i, scales.in[i] * inverse_power(s, scales.beta));
  }
};

// da_p = g_p s_p^-beta - 2 alpha' beta a_p * sum of g_q a_q s_q^(-beta - 1) over the window of p.
template <class T>
struct SameMapInputGradient {
  SameMapScales<T> scales;
  AnyValues out_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = scales.index.place(i);
    float direct = 0.0F, sum = 0.0F;
    scales.for_window(at, [&](const Place& q) {
      const std::int64_t j = scales.index.at(q);
      const float s = scales.scale(q);
      const float own = out_gradient[j] * inverse_power(s, scales.beta);
      sum += own * scales.in[j] / s;
      if (j == i) direct = own;
    });
    in_gradient.store(i, direct - 2.0F * scales.alpha * scales.beta * scales.in[i] * sum);
  }
};

template <class T>
SameMapScales<T> same_map_scales(const Plane& plane, const SameMapLrn& spec, const std::byte* in) {
  return {.index = PlaneIndex(plane),
          .half = spec.size / 2,
          .alpha = static_cast<float>(spec.alpha / (spec.size * spec.size)),
          .beta = static_cast<float>(spec.beta),
          .k = static_cast<float>(spec.k),
          .in = Values<T>(in)};
}

template <class Executor>
void run(const SameMapLrnForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(
        what.plane.values(),
        SameMapOutput<T>{same_map_scales<T>(what.plane, what.spec, memory.at(what.in)),
                         Target(memory, what.out)});
  });
}

template <class Executor>
void run(const SameMapLrnBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(what.plane.values(),
                      SameMapInputGradient<T>{
                          same_map_scales<T>(what.plane, what.spec, memory.at(what.in)),
                          AnyValues(memory, what.out_gradient), Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
