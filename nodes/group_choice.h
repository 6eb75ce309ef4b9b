// Which members of a group are used on an image, and in which order. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/random.h"

namespace sluice::nodes {

enum class Repeats : std::uint8_t { never, may };   // whether a member may come twice
enum class Order : std::uint8_t { listed, drawn };  // of the chosen ones

struct GroupChoice {
  static constexpr std::size_t kMostMembers = 64;  // where none may repeat

  std::size_t members = 1;  // 1 or more
  std::size_t least = 1;    // how many are used: drawn evenly from least ... most
  std::size_t most = 1;     // least or more; without repeats at most `members`
  Repeats repeats = Repeats::never;
  Order order = Order::listed;  // with repeats always as drawn
};

inline constexpr std::uint16_t kNoMember = 0xFFFF;

// The member at `place` (from 0) of those that are chosen, or kNoMember behind the last one.
// `random` is a copy of the group's generator, the same for each place. Draws: how many (always,
// one), then one for each of `most` places; without repeats these are the first places of Fisher
// and Yates's shuffle.
std::uint16_t chosen_at(const GroupChoice& choice, Random random, std::size_t place);

}  // namespace sluice::nodes
