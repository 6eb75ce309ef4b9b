// Sums over everything but channels in two stages: neighbouring threads have neighbouring channels.
#pragma once

#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

// Of one part of the pixels and one channel.
template <class T>
struct PartialBias {
  Divider by_channels;
  std::int64_t pixels;
  int channels;
  int parts;
  Values<T> gradient;
  float* partial;

  SLUICE_HD void operator()(std::int64_t i) const {
    const Divided part = by_channels.divide(i);
    const std::int64_t end = pixels * (part.quotient + 1) / parts;
    float sum = 0.0F;
    for (std::int64_t pixel = pixels * part.quotient / parts; pixel < end; ++pixel) {
      sum += gradient[pixel * channels + part.remainder];
    }
    partial[i] = sum;
  }
};

struct WholeBias {
  int channels;
  int parts;
  const float* partial;
  Target to;

  SLUICE_HD void operator()(std::int64_t channel) const {
    float sum = 0.0F;
    for (std::int64_t part = 0; part < parts; ++part) sum += partial[part * channels + channel];
    to.store(channel, sum);
  }
};

template <class Executor>
void run(const BiasGradient& what, const Memory& memory, Executor& executor) {
  const auto first = [&]<class T>(T) {
    executor.for_each(std::int64_t{what.parts} * what.channels,
                      PartialBias<T>{.by_channels = Divider(what.channels),
                                     .pixels = what.pixels,
                                     .channels = what.channels,
                                     .parts = what.parts,
                                     .gradient = Values<T>(memory.at(what.out_gradient)),
                                     .partial = write_to<float>(memory, what.partial)});
  };
  with_element(what.out_gradient.element, first);
  executor.for_each(what.channels, WholeBias{.channels = what.channels,
                                             .parts = what.parts,
                                             .partial = read_from<float>(memory, what.partial),
                                             .to = Target(memory, what.biases_gradient)});
}

}  // namespace sluice::cudnn::elements
