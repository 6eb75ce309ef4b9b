// Dropout. Units are drawn by their place in canonical order (channel, y, x), whatever order they
// stand in, so that every backend drops the same ones (runtime/net/dropout_mask.h).
#pragma once

#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/net/dropout_mask.h"

namespace sluice::cudnn::elements {

template <class T>
struct DroppedValue {
  PlaneIndex index;
  std::uint32_t threshold;
  std::uint32_t stream;
  float factor;
  const StepNumbers* numbers;
  Values<T> in;
  Target out;
  std::uint8_t* kept;

  SLUICE_HD bool keeps(std::int64_t i) const {
    const Place at = index.place(i);
    const Plane& plane = index.plane();
    const std::int64_t unit = (std::int64_t{at.channel} * plane.height + at.y) * plane.width + at.x;
    const RandomKey asker{.seed = numbers->seed,
                          .epoch = numbers->step,
                          .sample = numbers->first_row + static_cast<std::uint32_t>(at.row),
                          .stream = stream};
    const PhiloxCounter words = philox_block(asker, static_cast<std::uint32_t>(unit / 4));
    std::uint32_t own = 0;  // by comparison: registers have no index
    for (std::size_t word = 0; word < words.size(); ++word) {
      if (static_cast<std::int64_t>(word) == unit % 4) own = words[word];
    }
    return own >= threshold;
  }
  SLUICE_HD void operator()(std::int64_t i) const {
    const bool stays = keeps(i);
    kept[i] = stays ? 1 : 0;
    out.store(i, stays ? in[i] * factor : 0.0F);
  }
};

// What evaluation does to every value.
template <class T>
struct ScaledValue {
  float factor;
  Values<T> in;
  Target out;

  SLUICE_HD void operator()(std::int64_t i) const { out.store(i, in[i] * factor); }
};

template <class T>
struct DroppedGradient {
  float factor;
  const std::uint8_t* kept;
  Values<T> out_gradient;
  Target in_gradient;

  SLUICE_HD void operator()(std::int64_t i) const {
    in_gradient.store(i, kept[i] != 0 ? out_gradient[i] * factor : 0.0F);
  }
};

template <class T, class Executor>
void drop_as(const DropoutForward& what, const Memory& memory, Executor& executor) {
  const Values<T> in(memory.at(what.in));
  const Target out(memory, what.out);
  if (!what.kept) {
    return executor.for_each(what.plane.values(), ScaledValue<T>{what.kept_factor, in, out});
  }
  const auto step = static_cast<std::size_t>(Home::step);
  executor.for_each(
      what.plane.values(),
      DroppedValue<T>{.index = PlaneIndex(what.plane),
                      .threshold = dropout_threshold(what.drop),
                      .stream = what.stream,
                      .factor = what.kept_factor,
                      .numbers = reinterpret_cast<const StepNumbers*>(memory.blocks[step]),
                      .in = in,
                      .out = out,
                      .kept = write_to<std::uint8_t>(memory, what.kept)});
}

template <class Executor>
void run(const DropoutForward& what, const Memory& memory, Executor& executor) {
  with_element(what.in.element, [&]<class T>(T) { drop_as<T>(what, memory, executor); });
}

template <class Executor>
void run(const DropoutBackward& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.values, DroppedGradient<T>{what.kept_factor,
                                                      read_from<std::uint8_t>(memory, what.kept),
                                                      Values<T>(memory.at(what.out_gradient)),
                                                      Target(memory, what.in_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
