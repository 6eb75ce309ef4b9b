#include "nodes/group_choice.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <span>

namespace sluice::nodes {
namespace {

std::size_t how_many(const GroupChoice& choice, Random& random) {
  return choice.least + static_cast<std::size_t>(random.below(choice.most - choice.least + 1));
}

}  // namespace

std::uint16_t chosen_at(const GroupChoice& choice, Random random, std::size_t place) {
  const std::size_t count = how_many(choice, random);
  if (place >= count) return kNoMember;
  if (choice.repeats == Repeats::may) {
    for (std::size_t before = 0; before < place; ++before) (void)random.bits();
    return static_cast<std::uint16_t>(random.below(choice.members));
  }
  assert(choice.members <= GroupChoice::kMostMembers);
  std::array<std::uint16_t, GroupChoice::kMostMembers> order;
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  for (std::size_t i = 0; i < choice.most; ++i) {
    const std::size_t with = i + static_cast<std::size_t>(random.below(choice.members - i));
    std::swap(order[i], order[with]);
  }
  const std::span used = std::span(order).first(count);
  if (choice.order == Order::listed) std::ranges::sort(used);
  return used[place];
}

}  // namespace sluice::nodes
