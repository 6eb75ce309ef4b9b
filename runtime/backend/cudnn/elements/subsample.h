// coefficient of the map x sum over a side x side window + bias of the map (LeNet-5's S2 and S4).
#pragma once

#include "runtime/backend/cudnn/elements/fold.h"
#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/values.h"

namespace sluice::cudnn::elements {

template <class T>
struct SubsampleWindows {
  PlaneIndex in;
  PlaneIndex out;
  int side;
  Values<T> source;

  SLUICE_HD float sum(const Place& at) const {
    float sum = 0.0F;
    for (int y = at.y * side; y < (at.y + 1) * side; ++y) {
      for (int x = at.x * side; x < (at.x + 1) * side; ++x) {
        sum += source[in.at({at.row, y, x, at.channel})];
      }
    }
    return sum;
  }
};

template <class T>
struct SubsampleOutput {
  SubsampleWindows<T> windows;
  AnyValues coefficients;
  AnyValues biases;
  Target result;

  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = windows.out.place(i);
    result.store(i, coefficients[at.channel] * windows.sum(at) + biases[at.channel]);
  }
};

template <class T>
struct SubsampleInputGradient {
  PlaneIndex in;
  PlaneIndex out;
  int side;
  Values<T> out_gradient;
  AnyValues coefficients;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    Place at = in.place(i);
    at.y /= side;
    at.x /= side;
    in_gradient.store(i, out_gradient[out.at(at)] * coefficients[at.channel]);
  }
};

// Result i is map i's; lanes share the outputs of all rows.
template <class T>
struct SubsampleCoefficientGradient {
  using Part = float;

  SubsampleWindows<T> windows;
  AnyValues out_gradient;
  Target gradient;

  SLUICE_HD Part part(std::int64_t map, int lane) const {
    const Plane& plane = windows.out.plane();
    const std::int64_t outputs = std::int64_t{plane.rows} * plane.height * plane.width;
    float sum = 0.0F;
    for (std::int64_t pixel = lane; pixel < outputs; pixel += kLanes) {
      const std::int64_t o = pixel * plane.channels + map;
      sum += out_gradient[o] * windows.sum(windows.out.place(o));
    }
    return sum;
  }
  SLUICE_HD static Part join(Part a, Part b) { return a + b; }
  SLUICE_HD void finish(std::int64_t map, int lane, Part whole) const {
    if (lane == 0) gradient.store(map, whole);
  }
};

template <class Executor>
void run(const SubsampleForward& what, const Memory& memory, Executor& executor) {
  with_element(what.source.element, [&]<class T>(T) {
    const SubsampleWindows<T> windows{PlaneIndex(what.in), PlaneIndex(what.out), what.side,
                                      Values<T>(memory.at(what.source))};
    executor.for_each(
        what.out.values(),
        SubsampleOutput<T>{windows, AnyValues(memory, what.coefficients),
                           AnyValues(memory, what.biases), Target(memory, what.result)});
  });
}

template <class Executor>
void run(const SubsampleBackwardData& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.in.values(),
                      SubsampleInputGradient<T>{PlaneIndex(what.in), PlaneIndex(what.out),
                                                what.side, Values<T>(memory.at(what.out_gradient)),
                                                AnyValues(memory, what.coefficients),
                                                Target(memory, what.in_gradient)});
  });
}

template <class Executor>
void run(const SubsampleBackwardWeights& what, const Memory& memory, Executor& executor) {
  with_element(what.source.element, [&]<class T>(T) {
    const SubsampleWindows<T> windows{PlaneIndex(what.in), PlaneIndex(what.out), what.side,
                                      Values<T>(memory.at(what.source))};
    executor.fold_each(what.out.channels, SubsampleCoefficientGradient<T>{
                                              windows, AnyValues(memory, what.out_gradient),
                                              Target(memory, what.coefficients_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
