// Max-pooling. Windows over the edge see only what is there; of equal values the first one in
// reading order wins.
#pragma once

#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/values.h"

namespace sluice::cudnn::elements {

template <class T>
struct PoolOutput {
  PlaneIndex in;
  PlaneIndex out;
  int kernel;
  int stride;
  Values<T> source;
  Target result;
  std::uint8_t* argmax;  // null: nobody asks

  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = out.place(i);
    const Place corner{at.row, at.y * stride, at.x * stride, at.channel};
    float largest = source[in.at(corner)];
    int winner = 0;
    for (int y = 0; y < kernel && corner.y + y < in.plane().height; ++y) {
      for (int x = 0; x < kernel && corner.x + x < in.plane().width; ++x) {
        const float value = source[in.at({at.row, corner.y + y, corner.x + x, at.channel})];
        if (!(value > largest)) continue;
        largest = value;
        winner = y * kernel + x;
      }
    }
    result.store(i, largest);
    if (argmax != nullptr) argmax[i] = static_cast<std::uint8_t>(winner);
  }
};

// Gathers, so that the order of the sum is one and no two threads write the same value.
template <class T>
struct PoolInputGradient {
  PlaneIndex in;
  PlaneIndex out;
  int kernel;
  int stride;
  const std::uint8_t* argmax;
  Values<T> out_gradient;
  Target in_gradient;

  // The first of the windows along one axis that see position `at`; the last is at / stride.
  SLUICE_HD int first_window(int at) const { return at < kernel ? 0 : (at - kernel) / stride + 1; }
  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = in.place(i);
    float sum = 0.0F;
    for (int y = first_window(at.y); y <= at.y / stride && y < out.plane().height; ++y) {
      for (int x = first_window(at.x); x <= at.x / stride && x < out.plane().width; ++x) {
        const std::int64_t window = out.at({at.row, y, x, at.channel});
        const int position = (at.y - y * stride) * kernel + at.x - x * stride;
        if (argmax[window] == position) sum += out_gradient[window];
      }
    }
    in_gradient.store(i, sum);
  }
};

template <class Executor>
void run(const MaxPoolForward& what, const Memory& memory, Executor& executor) {
  with_element(what.source.element, [&]<class T>(T) {
    executor.for_each(what.out.values(),
                      PoolOutput<T>{.in = PlaneIndex(what.in),
                                    .out = PlaneIndex(what.out),
                                    .kernel = what.kernel,
                                    .stride = what.stride,
                                    .source = Values<T>(memory.at(what.source)),
                                    .result = Target(memory, what.result),
                                    .argmax = write_to<std::uint8_t>(memory, what.argmax)});
  });
}

template <class Executor>
void run(const MaxPoolBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.in.values(),
                      PoolInputGradient<T>{.in = PlaneIndex(what.in),
                                           .out = PlaneIndex(what.out),
                                           .kernel = what.kernel,
                                           .stride = what.stride,
                                           .argmax = read_from<std::uint8_t>(memory, what.argmax),
                                           .out_gradient = Values<T>(memory.at(what.out_gradient)),
                                           .in_gradient = Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
