// The per-image steps of the engine. Every record passes all of them.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {
namespace {

ImagePart part(const StagePlan& plan, ImageView pixels) { return {pixels, plan.box, plan.extent}; }

// The node has nothing to do: the image is what it would make.
bool passes_on(const AugmentNodeWiring& node, const StagePlan& plan, const ConstImagePart& from) {
  return from.box.extent == plan.box.extent && from.view.type == plan.type &&
         node.stage->keeps_pixels(plan.decision);
}

}  // namespace

// One that arrives failed or held passes silently; a stop holds it here, once. What a body throws
// ends the run (law 2).
bool Engine::attempt(NodeMeter& meter, SampleFate fate, StepBody body) {
  if (fate.state != SampleState::good) return false;
  NodeMeter::Cell& counts = cell(meter);
  ++counts.in;
  if (holds(fate.group, stop_now())) {
    ++counts.held;
    fate.state = SampleState::held;
    return false;
  }
  const Work work = begin_work(meter);
  try {
    Result<> result = body();
    if (!result) {
      fate.state = SampleState::failed;
      fate.error = std::move(result.error());
    }
  } catch (...) {
    fail_run(std::current_exception());
    fate.state = SampleState::failed;
    fate.error = {"the run failed here"};
  }
  end_work(meter, work, fate.ready_ns, fate.item);
  if (fate.state == SampleState::good) return true;
  fate.failed_at = meter.name();
  ++counts.failed;
  return false;
}

void Engine::step(NodeMeter& meter, SampleFate fate, StepBody body) {
  if (attempt(meter, fate, body)) ++cell(meter).out;
}

void Engine::read(int i) {
  SampleRecord& sample = record(i);
  step(*wiring_.read_meter, fate(sample), [&] { return read_file(sample); });
  if (sample.state != SampleState::good) release_file(sample);
}

Result<> Engine::read_file(SampleRecord& sample) {
  const auto bytes = static_cast<std::size_t>(sample.item.file_bytes);
  sample.file = read_pool_.take(bytes, &wiring_.read_meter->bytes);
  Result<std::size_t> size = wiring_.read->read(sample.item, sample.file.bytes().first(bytes));
  if (!size) return std::move(size.error());
  sample.file_size = std::min(size.value(), bytes);
  return Ok{};
}

void Engine::decode(int i) {
  SampleRecord& sample = record(i);
  step(*wiring_.decode_meter, fate(sample), [&] { return decode_file(sample); });
  if (sample.state != SampleState::good) sample.image = {};
  release_file(sample);
}

Result<> Engine::decode_file(SampleRecord& sample) {
  BytesHeld* holder = &wiring_.decode_meter->bytes;
  const BlockPool::Charge arrays(image_pool_, sample.needs.decoder_bytes, holder);
  sample.image = Image(image_pool_, sample.decoded.box.extent, PixelType::u8, holder);
  return wiring_.decode->decode(sample.file.bytes().first(sample.file_size),
                                part(sample.decoded, sample.image.view()));
}

// What the node before has made, the trunk's or the branch's.
ConstImagePart Engine::input(const SampleRecord& sample, const Image& image,
                             const std::vector<StagePlan>& plans, int stage) {
  const StagePlan& before = stage > 0 ? plans[index(stage) - 1]
                            : &plans != &sample.stages && !sample.stages.empty()
                                ? sample.stages.back()
                                : sample.decoded;
  return {image.view(), before.box, before.extent};
}

void Engine::apply(const AugmentNodeWiring& node, const StagePlan& plan, const ConstImagePart& from,
                   Image& to) {
  Image result(image_pool_, plan.box.extent, plan.type, &node.meter->bytes);
  apply(node, plan, from, result.view());
  to = std::move(result);  // frees the input where it stood in `to`
}

void Engine::apply(const AugmentNodeWiring& node, const StagePlan& plan, const ConstImagePart& from,
                   ImageView to) {
  const std::size_t bytes = plan.scratch_bytes;
  const Block scratch = bytes == 0 ? Block() : image_pool_.take(bytes, &node.meter->bytes);
  node.stage->apply(from, plan.decision, part(plan, to), scratch.bytes().first(bytes));
}

// The sample's row of a branch, or its rows.
std::span<std::byte> Engine::row(const SampleRecord& sample, int b) {
  const CollectStage& collect = *wiring_.branches[index(b)].collect;
  const std::size_t bytes = collect.row_bytes() * index(collect.views());
  return {slot(sample.group, b).rows.get() + index(sample.row) * bytes, bytes};
}

// The last node's output, where that is the branch's row itself.
std::optional<ImageView> Engine::row_image(const SampleRecord& sample, int b,
                                           const StagePlan& last) {
  return wiring_.branches[index(b)].collect->row_image(last.extent, last.type, row(sample, b));
}

void Engine::augment_trunk(int i, int stage) {
  SampleRecord& sample = record(i);
  const AugmentNodeWiring& node = wiring_.augment[index(stage)];
  const bool is_last = stage + 1 == static_cast<int>(wiring_.augment.size()) &&
                       branches_.size() == 1 && wiring_.branches.front().augment.empty();
  step(*node.meter, fate(sample), [&]() -> Result<> {
    const StagePlan& plan = sample.stages[index(stage)];
    const ConstImagePart from = input(sample, sample.image, sample.stages, stage);
    const auto row = is_last ? row_image(sample, 0, plan) : std::nullopt;
    if (row) {
      apply(node, plan, from, *row);
    } else if (!passes_on(node, plan, from)) {
      apply(node, plan, from, sample.image);
    }
    sample.branches.front().stored = row.has_value();
    return Ok{};
  });
  if (sample.state != SampleState::good || sample.branches.front().stored) sample.image = {};
}

// What happened before the split holds for every branch.
void Engine::inherit(SampleRecord& sample, BranchSample& branch) {
  if (branch.ready_ns == 0) branch.ready_ns = sample.ready_ns;
  if (sample.state == SampleState::good || branch.state != SampleState::good) return;
  branch.state = sample.state;
  branch.error = sample.error;
  branch.failed_at = sample.failed_at;
}

void Engine::augment_branch(int i, int b, int stage) {
  SampleRecord& sample = record(i);
  BranchSample& branch = sample.branches[index(b)];
  inherit(sample, branch);
  const BranchWiring& wired = wiring_.branches[index(b)];
  const AugmentNodeWiring& node = wired.augment[index(stage)];
  const bool is_last = stage + 1 == static_cast<int>(wired.augment.size());
  step(*node.meter, fate(branch, sample), [&]() -> Result<> {
    const StagePlan& plan = branch.stages[index(stage)];
    const Image& image = branch.uses_trunk ? sample.image : branch.image;
    const ConstImagePart from = input(sample, image, branch.stages, stage);
    const auto row = is_last ? row_image(sample, b, plan) : std::nullopt;
    if (row) {
      apply(node, plan, from, *row);
    } else if (branch.uses_trunk || !passes_on(node, plan, from)) {
      apply(node, plan, from, branch.image);
    }
    branch.stored = row.has_value();
    return Ok{};
  });
  release_trunk(sample, branch);
  if (branch.state != SampleState::good || branch.stored) branch.image = {};
}

void Engine::collate(int i, int b) {
  SampleRecord& sample = record(i);
  BranchSample& branch = sample.branches[index(b)];
  inherit(sample, branch);
  Slot& to = slot(sample.group, b);
  step(*wiring_.branches[index(b)].collate_meter, fate(branch, sample),
       [&] { return store(sample, b); });
  if (branch.state != SampleState::good) clear_row(sample, b);
  const int views = to.batch.views;
  std::fill_n(to.batch.row_weights.begin() + sample.row * views, views,
              branch.state == SampleState::good ? 1.0F : 0.0F);
  if (branch.state == SampleState::held) to.spoiled = true;
  release_trunk(sample, branch);
  branch.image = {};
  const int group = sample.group;
  if (--sample.branches_left == 0) finish_record(sample);
  if (--to.pending != 0) return;
  to.ready_ns = now();
  scheduler_->order_batch({b, group});
}

// Zeros, as floats and as bytes to which nothing is done.
void Engine::clear_row(const SampleRecord& sample, int b) {
  std::ranges::fill(row(sample, b), std::byte{0});
  std::vector<RowTransform>& transforms = slot(sample.group, b).batch.transforms;
  if (!transforms.empty()) transforms[index(sample.row)] = {};
}

Result<> Engine::store(SampleRecord& sample, int b) {
  BranchSample& branch = sample.branches[index(b)];
  if (branch.stored) return Ok{};
  const Image& from = branch.uses_trunk ? sample.image : branch.image;
  return wiring_.branches[index(b)].collect->store(from.view(), sample.item.id, row(sample, b));
}

void Engine::release_file(SampleRecord& sample) {
  if (sample.file_reserved == 0) return;
  sample.file.release();
  {
    const std::lock_guard lock(budget_mutex_);
    read_budget_.release(std::exchange(sample.file_reserved, 0));
  }
  scheduler_->wake_source();
}

// The branch reads the trunk's image no more; the last branch frees it.
void Engine::release_trunk(SampleRecord& sample, BranchSample& branch) {
  if (!std::exchange(branch.uses_trunk, false)) return;
  if (--sample.trunk_users == 0) sample.image = {};
}

// Every branch is done with the sample: its image bytes are free for the next in order.
void Engine::finish_record(SampleRecord& sample) {
  release_file(sample);
  if (sample.image_reserved == 0) return;
  {
    const std::lock_guard lock(budget_mutex_);
    image_budget_.release(std::exchange(sample.image_reserved, 0));
  }
  grant();
}

// Rows beyond the last sample, and the list of bad ones by row. Only for batches that go on.
void Engine::finish_rows(int group, int b) {
  Batch& batch = slot(group, b).batch;
  for (int row = batch.count; row < options_.batch; ++row)
    clear_row(*groups_[index(group)]->records[index(row)], b);
  for (int row = 0; row < batch.count; ++row) {
    const SampleRecord& sample = *groups_[index(group)]->records[index(row)];
    const BranchSample& branch = sample.branches[index(b)];
    if (branch.state != SampleState::failed) continue;
    batch.bad.push_back({.row = row,
                         .path = std::string(sample.item.path),
                         .node = std::string(branch.failed_at),
                         .error = branch.error});
  }
}

}  // namespace sluice::graph
