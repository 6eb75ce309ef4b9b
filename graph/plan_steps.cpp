// Planning: every decision of a sample, and the most memory it will ever hold, before a pixel
// exists.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {
namespace {

std::size_t block_bytes(const StagePlan& image) {
  return BlockPool::rounded(Image::bytes(image.extent, image.type));
}

std::size_t scratch_block_bytes(const StagePlan& stage) {
  return stage.scratch_bytes == 0 ? 0 : BlockPool::rounded(stage.scratch_bytes);
}

std::optional<ItemError> beyond_limit(std::string_view node, Extent extent,
                                      std::int64_t max_pixels) {
  if (extent.width < 1 || extent.height < 1) {
    return ItemError{fmt::format("{} would give {} x {} pixels: valid is at least 1 x 1", node,
                                 extent.width, extent.height)};
  }
  if (extent.pixels() <= max_pixels) return std::nullopt;
  return ItemError{fmt::format("{} would give {} x {} = {:.1f} megapixels, the limit is {:.1f}",
                               node, extent.width, extent.height,
                               static_cast<double>(extent.pixels()) * 1e-6,
                               static_cast<double>(max_pixels) * 1e-6)};
}

}  // namespace

// Counted out of `plan` only when its bytes are granted: until then it is in `plan`.
void Engine::plan(int i) {
  SampleRecord& sample = record(i);
  std::size_t bytes = 0;
  const bool planned = attempt(*wiring_.plan_meter, fate(sample), [&]() -> Result<> {
    Result<std::size_t> needed = plan_record(sample);
    if (!needed) return std::move(needed.error());
    bytes = needed.value();
    return Ok{};
  });
  if (!planned) {
    release_file(sample);
    scheduler_->start_image(i);
    return;
  }
  sample.image_reserved = bytes;
  {
    const std::lock_guard lock(budget_mutex_);
    planned_.push(i);
  }
  grant();
}

// Hands out image bytes strictly in sample order; a stop empties the queue.
void Engine::grant() {
  for (;;) {
    int next = 0;
    const bool stop = stopped();
    {
      const std::lock_guard lock(budget_mutex_);
      if (planned_.empty()) return;
      SampleRecord& sample = record(planned_.front());
      if (stop) {
        sample.image_reserved = 0;
      } else if (!image_budget_.try_reserve(sample.image_reserved)) {
        wait_for(grant_waits_since_);
        return;
      }
      const std::int64_t waited_ns = waited(grant_waits_since_);
      wiring_.decode_meter->blocked_ns += waited_ns;
      if (waited_ns > 0) sample.ready_ns = now();
      next = planned_.pop();
    }
    NodeMeter::Cell& counts = cell(*wiring_.plan_meter);
    ++(stop ? counts.held : counts.out);
    if (stop) record(next).state = SampleState::held;
    if (stop) release_file(record(next));
    scheduler_->start_image(next);
  }
}

// The most bytes the sample holds at once.
Result<std::size_t> Engine::plan_record(SampleRecord& sample) {
  Result<DecodeNeeds> needs = wiring_.decode->inspect(sample.file.bytes().first(sample.file_size));
  if (!needs) return std::move(needs.error());
  sample.needs = needs.value();
  StagePlan image{.decision = {}, .extent = sample.needs.extent, .type = PixelType::u8};
  if (auto bad = beyond_limit(wiring_.decode->info().name, image.extent, options_.max_pixels)) {
    return *std::move(bad);
  }
  const std::size_t decoded = block_bytes(image);
  std::size_t most = sample.needs.decoder_bytes + decoded;
  const auto trunk = plan_chain(wiring_.augment, sample.item.id, image, decoded, sample.stages);
  if (!trunk) return trunk.error();
  most = std::max(most, trunk.value());
  if (!sample.stages.empty()) image = sample.stages.back();

  // One branch frees the trunk's image with its first stage; of several, the slowest keeps it while
  // the others work.
  const bool shared = branches_.size() > 1;
  std::size_t together = shared ? block_bytes(image) : 0;
  for (std::size_t b = 0; b < branches_.size(); ++b) {
    const auto chain = plan_chain(wiring_.branches[b].augment, sample.item.id, image,
                                  shared ? 0 : block_bytes(image), sample.branches[b].stages);
    if (!chain) return chain.error();
    together += chain.value();
  }
  return std::max(most, together);
}

// Draws for one stage after the other. The most that the chain holds at once; `input_bytes`: what
// its input adds while the first stage reads it.
Result<std::size_t> Engine::plan_chain(const std::vector<AugmentNodeWiring>& chain,
                                       const SampleId& id, const StagePlan& input,
                                       std::size_t input_bytes,
                                       std::vector<StagePlan>& plans) const {
  const StagePlan* from = &input;
  std::size_t most = input_bytes;
  for (std::size_t s = 0; s < chain.size(); ++s) {
    const Result<> planned = plan_stage(chain[s], id, *from, plans[s]);
    if (!planned) return planned.error();
    const std::size_t output_bytes = block_bytes(plans[s]);
    most = std::max(most, input_bytes + output_bytes + scratch_block_bytes(plans[s]));
    input_bytes = output_bytes;
    from = &plans[s];
  }
  return most;
}

Result<> Engine::plan_stage(const AugmentNodeWiring& node, const SampleId& id,
                            const StagePlan& from, StagePlan& plan) const {
  const AugmentStage& stage = *node.stage;
  if (auto reason = stage.refuses(from.extent)) {
    return ItemError{fmt::format("{}: {}", stage.name(), *reason)};
  }
  Random random(
      {.seed = options_.seed, .epoch = id.epoch, .sample = id.number, .stream = node.stream});
  plan.decision = stage.draw(random, from.extent);
  plan.extent = stage.extent_after(plan.decision, from.extent);
  plan.type = stage.type_after(from.type);
  if (auto bad = beyond_limit(stage.name(), plan.extent, options_.max_pixels))
    return *std::move(bad);
  plan.scratch_bytes = stage.scratch_bytes(plan.decision, from.extent, from.type);
  return Ok{};
}

}  // namespace sluice::graph
