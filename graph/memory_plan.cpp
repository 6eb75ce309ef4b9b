#include "graph/memory_plan.h"

#include <algorithm>

#include "graph/records.h"

namespace sluice::graph {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;
constexpr std::size_t kSmallestRead = kMegabyte;
constexpr std::size_t kLargestRead = 64 * kMegabyte;
constexpr std::size_t kSmallestImage = kMegabyte;

// Rows, and what stands beside each row; scores and losses of batch nodes are the net's.
std::size_t slot_bytes(const PipelineOptions& options, const std::vector<BatchStream>& branches) {
  const auto batch = static_cast<std::size_t>(options.batch);
  std::size_t bytes = batch * sizeof(SampleRecord);
  for (const BatchStream& branch : branches) {
    const auto views = static_cast<std::size_t>(branch.collect->views());
    bytes += BlockPool::rounded(batch * views * branch.collect->row_bytes());
    if (branch.collect->row_type() == PixelType::u8) bytes += batch * sizeof(RowTransform);
    bytes += batch * (sizeof(BranchSample) + branch.augment.size() * sizeof(StagePlan));
    bytes += batch * (views * (sizeof(std::int32_t) + sizeof(float)) + sizeof(SampleId));
  }
  return bytes;
}

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / kMegabyte);
}

}  // namespace

MemoryPlan plan_memory(const PipelineOptions& options, const std::vector<BatchStream>& branches) {
  MemoryPlan plan;
  plan.slot_bytes = slot_bytes(options, branches);
  plan.slots = options.slots;
  const auto all_slots = [&] { return plan.slot_bytes * static_cast<std::size_t>(plan.slots); };
  while (plan.slots > 2 && all_slots() > options.memory_bytes / 4 * 3) --plan.slots;
  const std::size_t needed = all_slots() + kSmallestRead + kSmallestImage;
  require(
      needed <= options.memory_bytes,
      "memory of {} is too little for batches of {} rows: {} slots of {}, files and images need at "
      "least {}",
      megabytes(options.memory_bytes), options.batch, plan.slots, megabytes(plan.slot_bytes),
      megabytes(needed));
  const std::size_t rest = options.memory_bytes - all_slots();
  plan.read_bytes = std::clamp(rest / 8, kSmallestRead, kLargestRead);
  plan.image_bytes = rest - plan.read_bytes;
  return plan;
}

std::string MemoryPlan::text() const {
  const auto total = slot_bytes * static_cast<std::size_t>(slots) + read_bytes + image_bytes;
  return fmt::format("memory {}: {} slots of {}, {} of files, {} of images in flight",
                     megabytes(total), slots, megabytes(slot_bytes), megabytes(read_bytes),
                     megabytes(image_bytes));
}

}  // namespace sluice::graph
