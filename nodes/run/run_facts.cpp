#include "nodes/run/run_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::nodes {
namespace {

// Of what is left of a pipeline's memory beside its slots (graph/memory_plan.cpp).
constexpr double kImagePart = 7.0 / 8;

// What only varies images: without it a net still trains on the numbers it expects.
constexpr std::array<std::string_view, 2> kOptional = {"flip", "pca-colour"};

void add_alternative(const io::ChainEntry& entry, std::vector<graph::Alternative>& others) {
  if (std::ranges::find(kOptional, entry.node) != kOptional.end())
    others.push_back({.node = entry.name,
                      .text = fmt::format("without {}", entry.name),
                      .how = fmt::format("--set augment.{}.use=false", entry.name),
                      .cost = 0.0});
}

}  // namespace

graph::RunFacts run_facts(const io::Recipe& recipe, const Machine& machine,
                          const graph::Pipeline& pipeline, StepOn step) {
  const graph::MemoryPlan& plan = pipeline.memory();
  const auto preparation = static_cast<double>(machine.preparation_bytes);
  const auto of_pipeline = static_cast<double>(
      plan.slot_bytes * static_cast<std::size_t>(plan.slots) + plan.read_bytes + plan.image_bytes);
  graph::RunFacts facts{
      .batch = static_cast<int>(recipe.integer("train.batch")),
      .slots = plan.slots,
      .memory_bytes = static_cast<std::int64_t>(machine.preparation_bytes),
      .image_bytes = static_cast<std::int64_t>(plan.image_bytes),
      .image_part = preparation > 0.0 ? kImagePart * of_pipeline / preparation : kImagePart,
      .stand_in = step == StepOn::stand_in};
  for (const io::ChainEntry& entry : recipe.augment) {
    if (entry.use) add_alternative(entry, facts.alternatives);
  }
  return facts;
}

}  // namespace sluice::nodes
