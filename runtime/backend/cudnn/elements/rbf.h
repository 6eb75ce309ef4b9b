// Scores by distance to fixed codes: -sum over features of (in - code)^2.
#pragma once

#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/cudnn/elements/fold.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

// Result i is the score of (row, class); lanes share the features.
template <class T>
struct RbfScore {
  using Part = float;

  Divider by_classes;
  int features;
  const std::int8_t* codes;
  Values<T> in;
  Target scores;

  SLUICE_HD Part part(std::int64_t i, int lane) const {
    const Divided row = by_classes.divide(i);
    float sum = 0.0F;
    for (int f = lane; f < features; f += kLanes) {
      const float apart =
          in[row.quotient * features + f] - static_cast<float>(codes[row.remainder * features + f]);
      sum += apart * apart;
    }
    return sum;
  }
  SLUICE_HD static Part join(Part a, Part b) { return a + b; }
  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    if (lane == 0) scores.store(i, -whole);
  }
};

template <class T>
struct RbfInputGradient {
  Divider by_features;
  int features;
  int classes;
  const std::int8_t* codes;
  Values<T> in;
  AnyValues scores_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    const Divided row = by_features.divide(i);
    float sum = 0.0F;
    for (int c = 0; c < classes; ++c) {
      const auto code = static_cast<float>(codes[std::int64_t{c} * features + row.remainder]);
      sum += (in[i] - code) * scores_gradient[row.quotient * classes + c];
    }
    in_gradient.store(i, -2.0F * sum);
  }
};

template <class Executor>
void run(const RbfForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.fold_each(std::int64_t{what.rows} * what.classes,
                       RbfScore<T>{.by_classes = Divider(what.classes),
                                   .features = what.features,
                                   .codes = read_from<std::int8_t>(memory, what.codes),
                                   .in = Values<T>(memory.at(what.in)),
                                   .scores = Target(memory, what.scores)});
  });
}

template <class Executor>
void run(const RbfBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(
        std::int64_t{what.rows} * what.features,
        RbfInputGradient<T>{.by_features = Divider(what.features),
                            .features = what.features,
                            .classes = what.classes,
                            .codes = read_from<std::int8_t>(memory, what.codes),
                            .in = Values<T>(memory.at(what.in)),
                            .scores_gradient = AnyValues(memory, what.scores_gradient),
                            .in_gradient = Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
