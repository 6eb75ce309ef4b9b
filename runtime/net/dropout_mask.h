// Which units a dropout layer drops: one function, so that every backend drops the same ones
// (law 4; the layout of key and counter stands in runtime/random.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/random.h"

namespace sluice {

// A dropout layer in one step. `row` below is the row's number in the whole step:
// StepInput::first_row + row of the batch.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  std::uint32_t stream = 0;  // `dropout_stream` of the layer's name
};

inline std::uint32_t dropout_stream(const std::string& layer) {
  return stream_id("dropout/" + layer);
}

// A unit is dropped when its random word is below this. Needs 0 <= drop < 1.
inline std::uint32_t dropout_threshold(double drop) {
  return static_cast<std::uint32_t>(drop * 0x1.0p32);
}

// Fills `kept` with 1 for each unit of `row` that stays and 0 for each dropped one. Units in
// canonical order: features, or (channel, y, x) of a plane. Any thread.
inline void dropout_mask(const DropoutKey& key, double drop, std::uint32_t row,
                         std::span<std::uint8_t> kept) {
  const std::uint32_t threshold = dropout_threshold(drop);
  const RandomKey asker{.seed = key.seed, .epoch = key.step, .sample = row, .stream = key.stream};
  for (std::size_t first = 0; first < kept.size(); first += 4) {
    const PhiloxCounter words = philox_block(asker, static_cast<std::uint32_t>(first / 4));
    for (std::size_t i = 0; i < 4 && first + i < kept.size(); ++i) {
      kept[first + i] = words[i] < threshold ? 0 : 1;
    }
  }
}

}  // namespace sluice
