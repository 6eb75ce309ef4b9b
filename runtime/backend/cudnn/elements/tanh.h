// amplitude tanh(slope x); its derivative from its own output o is slope (amplitude - o^2 /
// amplitude).
#pragma once

#include <cmath>

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

template <class T>
struct TanhOutput {
  float amplitude;
  float slope;
  Values<T> in;
  Target out;

  SLUICE_HD void operator()(std::int64_t i) const {
    out.store(i, amplitude * std::tanh(slope * in[i]));
  }
};

template <class T>
struct TanhInputGradient {
  float amplitude;
  float slope;
  AnyValues out;
  Values<T> out_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    const float value = out[i];
    const float derivative = slope * ((amplitude - value) * (amplitude + value) / amplitude);
    in_gradient.store(i, derivative * out_gradient[i]);
  }
};

template <class Executor>
void run(const TanhForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(what.values,
                      TanhOutput<T>{.amplitude = static_cast<float>(what.spec.amplitude),
                                    .slope = static_cast<float>(what.spec.slope),
                                    .in = Values<T>(memory.at(what.in)),
                                    .out = Target(memory, what.out)});
  });
}

template <class Executor>
void run(const TanhBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.values,
                      TanhInputGradient<T>{.amplitude = static_cast<float>(what.spec.amplitude),
                                           .slope = static_cast<float>(what.spec.slope),
                                           .out = AnyValues(memory, what.out),
                                           .out_gradient = Values<T>(memory.at(what.out_gradient)),
                                           .in_gradient = Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
