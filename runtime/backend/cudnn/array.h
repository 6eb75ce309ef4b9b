// Where a program's arrays stand in a device's memory: offsets in a few blocks, so that a plan is
// plain data and holds whether there is a device or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/backend/backend.h"

namespace sluice::cudnn {

// The blocks that operations read and write.
enum class Home : std::uint8_t {
  none,        // no array
  program,     // activations, their gradients, workspaces: one block a program
  parameters,  // values and constant tables: one block a net's state, all of its programs use it
  learning,    // gradients and velocities, likewise; where something learns
  rounded,     // bf16 copies of the values, likewise; where something computes in bf16
  step,        // what the host says of a step (StepLayout): small, copied before each phase
  input,       // the rows of one batch as they were uploaded: one block an upload slot
  image        // what rows' transforms subtract (RowImage): one block a program that needs it
};
inline constexpr std::size_t kHomes = 8;

// An array of `count` values at `offset` bytes (a multiple of 256) of its block. Of other elements
// than Precision's (labels, arguments of a maximum) the operation says what they are.
struct Array {
  Home home = Home::none;
  std::size_t offset = 0;
  std::int64_t count = 0;
  Precision element = Precision::f32;

  explicit operator bool() const { return home != Home::none; }
};

// The addresses of the blocks, on the device or, for the host's twin, in this process. Owns
// nothing.
struct Memory {
  std::array<std::byte*, kHomes> blocks{};

  // Null for no array.
  std::byte* at(const Array& array) const {
    if (!array) return nullptr;
    return blocks[static_cast<std::size_t>(array.home)] + array.offset;
  }
};

}  // namespace sluice::cudnn
