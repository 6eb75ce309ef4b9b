#include "nodes/run/epoch_plan.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace sluice::nodes {

std::int64_t EpochPlan::batches_before(std::int64_t place) const {
  return std::ranges::lower_bound(begins, place) - begins.begin();
}

std::int64_t EpochPlan::place_behind(std::int64_t place, std::int64_t batches) const {
  batches = std::max<std::int64_t>(batches, 0);
  const auto all = static_cast<std::int64_t>(begins.size());
  const std::int64_t first = batches_before(place);
  if (batches >= all - first) return static_cast<std::int64_t>(order.size());
  return begins[static_cast<std::size_t>(first + batches)];
}

int EpochPlan::images_a_batch() const {
  const std::size_t batches = std::max<std::size_t>(begins.size(), 1);
  return static_cast<int>(std::max<std::size_t>((order.size() + batches / 2) / batches, 1));
}

EpochPlan plan_batches(std::vector<std::uint32_t> order, int batch) {
  EpochPlan plan{.order = std::move(order), .begins = {}};
  for (std::size_t place = 0; place < plan.order.size(); place += static_cast<std::size_t>(batch))
    plan.begins.push_back(static_cast<std::int64_t>(place));
  return plan;
}

EpochPlan plan_batches_by_size(const std::vector<std::uint32_t>& order,
                               std::span<const Extent> sizes, int batch) {
  std::vector<std::vector<std::uint32_t>> batches;    // in the order of their first images
  std::map<std::pair<int, int>, std::size_t> filled;  // the newest batch of a size
  for (const std::uint32_t number : order) {
    const Extent size = sizes[number];
    const auto [at, fresh] = filled.emplace(std::pair(size.width, size.height), batches.size());
    if (!fresh && batches[at->second].size() == static_cast<std::size_t>(batch))
      at->second = batches.size();
    if (at->second == batches.size()) batches.emplace_back();
    batches[at->second].push_back(number);
  }
  EpochPlan plan;
  plan.order.reserve(order.size());
  for (const auto& numbers : batches) {
    plan.begins.push_back(static_cast<std::int64_t>(plan.order.size()));
    plan.order.insert(plan.order.end(), numbers.begin(), numbers.end());
  }
  return plan;
}

}  // namespace sluice::nodes
