// max(0, x); the gradient at exactly 0 is 0.
#pragma once

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

template <class T>
struct ReluOutput {
  Values<T> in;
  Target out;

  SLUICE_HD void operator()(std::int64_t i) const {
    const float value = in[i];
    out.store(i, value > 0.0F ? value : 0.0F);
  }
};

template <class T>
struct ReluInputGradient {
  AnyValues out;
  Values<T> out_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    in_gradient.store(i, out[i] > 0.0F ? out_gradient[i] : 0.0F);
  }
};

template <class Executor>
void run(const ReluForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) {
    executor.for_each(what.values,
                      ReluOutput<T>{Values<T>(memory.at(what.in)), Target(memory, what.out)});
  });
}

template <class Executor>
void run(const ReluBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.values, ReluInputGradient<T>{AnyValues(memory, what.out),
                                                        Values<T>(memory.at(what.out_gradient)),
                                                        Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
