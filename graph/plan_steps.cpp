// Planning: every decision of a sample, and the most memory it will ever hold, before a pixel
// exists.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {
namespace {

std::size_t block_bytes(const StagePlan& image) {
  return BlockPool::rounded(Image::bytes(image.box.extent, image.type));
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

Box covering(const Box& a, const Box& b) {
  const int left = std::min(a.left, b.left), top = std::min(a.top, b.top);
  return {
      .left = left,
      .top = top,
      .extent = {std::max(a.right(), b.right()) - left, std::max(a.bottom(), b.bottom()) - top}};
}

// Fills in each stage's part of its output. `behind`: what is needed of the chain's end; none: all
// of it. Gives what the chain needs of its input.
Box boxes_of_chain(const std::vector<AugmentNodeWiring>& chain, Extent input, Parts parts,
                   std::optional<Box> behind, std::vector<StagePlan>& plans) {
  Box needed = behind.value_or(whole(plans.empty() ? input : plans.back().extent));
  for (std::size_t s = chain.size(); s-- > 0;) {
    const Extent before = s == 0 ? input : plans[s - 1].extent;
    const auto box = parts == Parts::whole
                         ? std::nullopt
                         : chain[s].stage->box_before(plans[s].decision, before, needed);
    plans[s].box = box ? needed : whole(plans[s].extent);
    needed = box.value_or(whole(before));
  }
  return needed;
}

// The part of the image in front of stage `first` that the chain's end is made of.
Box box_in_front(const std::vector<AugmentNodeWiring>& chain, const std::vector<StagePlan>& plans,
                 std::size_t first, Extent input) {
  Box box = whole(plans.size() == first ? input : plans.back().extent);
  for (std::size_t s = plans.size(); s-- > first;) {
    const Extent before = s == first ? input : plans[s - 1].extent;
    box = chain[s].stage->box_before(plans[s].decision, before, box).value_or(whole(before));
  }
  return box;
}

// The most that a chain holds at once; `input_bytes`: what its input adds while the first stage
// reads it.
std::size_t bytes_of_chain(std::size_t input_bytes, const std::vector<StagePlan>& plans) {
  std::size_t most = input_bytes;
  for (const StagePlan& plan : plans) {
    const std::size_t output_bytes = block_bytes(plan);
    most = std::max(most, input_bytes + output_bytes + scratch_block_bytes(plan));
    input_bytes = output_bytes;
  }
  return most;
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
      wiring_.decode_meter->blocked_ns += waited(grant_waits_since_);
      sample.ready_ns = now();  // what it waited for bytes is not queueing
      next = planned_.pop();
    }
    NodeMeter::Cell& counts = cell(*wiring_.plan_meter);
    ++(stop ? counts.held : counts.out);
    if (stop) record(next).state = SampleState::held;
    if (stop) release_file(record(next));
    scheduler_->start_image(next);
  }
}

// Decisions and extents, forward; then the parts that are needed, backward. The most bytes the
// sample holds at once.
Result<std::size_t> Engine::plan_record(SampleRecord& sample) {
  Result<DecodeNeeds> needs = wiring_.decode->inspect(sample.file.bytes().first(sample.file_size));
  if (!needs) return std::move(needs.error());
  sample.needs = needs.value();
  sample.decoded = {.decision = {}, .extent = sample.needs.extent, .type = PixelType::u8};
  if (auto bad =
          beyond_limit(wiring_.decode->info().name, sample.needs.extent, options_.max_pixels)) {
    return *std::move(bad);
  }
  const Result<> trunk = draw_chain(wiring_.augment, sample.item.id, sample.decoded, sample.stages);
  if (!trunk) return trunk.error();
  const StagePlan& shared = sample.stages.empty() ? sample.decoded : sample.stages.back();
  for (std::size_t b = 0; b < branches_.size(); ++b) {
    const Result<> branch =
        draw_chain(wiring_.branches[b].augment, sample.item.id, shared, sample.branches[b].stages);
    if (!branch) return branch.error();
    const Result<> row = draw_row_transform(sample, static_cast<int>(b));
    if (!row) return row.error();
  }
  choose_boxes(sample);
  return bytes_needed(sample);
}

// What is left to whoever reads the sample's row.
Result<> Engine::draw_row_transform(const SampleRecord& sample, int b) {
  std::vector<RowTransform>& transforms = slot(sample.group, b).batch.transforms;
  if (transforms.empty()) return Ok{};
  RowTransform& transform = transforms[index(sample.row)];
  transform = {};
  const BranchWiring& branch = wiring_.branches[index(b)];
  const std::vector<StagePlan>& stages = sample.branches[index(b)].stages;
  const StagePlan& input = sample.stages.empty() ? sample.decoded : sample.stages.back();
  for (const AugmentNodeWiring& node : branch.left) {
    const std::size_t place = stages.size() - node.run_behind;
    const StagePlan& image = place == 0 ? input : stages[place - 1];
    StagePlan drawn;
    const Result<> planned = plan_stage(node, sample.item.id, image, drawn);
    if (!planned) return planned.error();
    node.stage->add_to(transform, drawn.decision);
    if (!node.has_image) continue;
    const Box box = box_in_front(branch.augment, stages, place, image.extent);
    transform.left = box.left;
    transform.top = box.top;
  }
  return Ok{};
}

// Draws for one stage after the other.
Result<> Engine::draw_chain(const std::vector<AugmentNodeWiring>& chain, const SampleId& id,
                            const StagePlan& input, std::vector<StagePlan>& plans) const {
  const StagePlan* from = &input;
  for (std::size_t s = 0; s < chain.size(); ++s) {
    const Result<> planned = plan_stage(chain[s], id, *from, plans[s]);
    if (!planned) return planned.error();
    from = &plans[s];
  }
  return Ok{};
}

// From the batch's rows back to the decoder: what each node must make for the one behind it.
void Engine::choose_boxes(SampleRecord& sample) const {
  const StagePlan& shared = sample.stages.empty() ? sample.decoded : sample.stages.back();
  std::optional<Box> needed;
  for (std::size_t b = 0; b < branches_.size(); ++b) {
    const Box box = boxes_of_chain(wiring_.branches[b].augment, shared.extent, options_.parts,
                                   std::nullopt, sample.branches[b].stages);
    needed = needed ? covering(*needed, box) : box;
  }
  const Box decoded =
      boxes_of_chain(wiring_.augment, sample.decoded.extent, options_.parts, needed, sample.stages);
  sample.decoded.box = sample.needs.parts ? decoded : whole(sample.decoded.extent);
}

std::size_t Engine::bytes_needed(const SampleRecord& sample) const {
  const std::size_t decoded = block_bytes(sample.decoded);
  std::size_t most = sample.needs.decoder_bytes + decoded;
  most = std::max(most, bytes_of_chain(decoded, sample.stages));
  // One branch frees the trunk's image with its first stage; of several, the slowest keeps it while
  // the others work.
  const bool shared = branches_.size() > 1;
  const std::size_t input =
      block_bytes(sample.stages.empty() ? sample.decoded : sample.stages.back());
  std::size_t together = shared ? input : 0;
  for (const BranchSample& branch : sample.branches) {
    together += bytes_of_chain(shared ? 0 : input, branch.stages);
  }
  return std::max(most, together);
}

Result<> Engine::plan_stage(const AugmentNodeWiring& node, const SampleId& id,
                            const StagePlan& from, StagePlan& plan) const {
  const AugmentStage& stage = *node.stage;
  if (auto reason = stage.refuses(from.extent)) {
    return ItemError{fmt::format("{}: {}", stage.name(), *reason)};
  }
  const std::uint32_t group = stage.group();
  Random random({.seed = options_.seed,
                 .epoch = id.epoch,
                 .sample = group > 1 ? id.position / group : id.number,
                 .stream = node.stream});
  plan.decision = stage.draw(random, from.extent);
  plan.extent = stage.extent_after(plan.decision, from.extent);
  plan.type = stage.type_after(from.type);
  if (auto bad = beyond_limit(stage.name(), plan.extent, options_.max_pixels))
    return *std::move(bad);
  plan.scratch_bytes = stage.scratch_bytes(plan.decision, from.extent, from.type);
  return Ok{};
}

}  // namespace sluice::graph
