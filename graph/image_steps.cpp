// The per-image steps of the engine. Every record passes all of them.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {

// One that arrives failed or held passes silently; a stop holds it here, once. What a body throws
// ends the run (law 2).
bool Engine::attempt(NodeMeter& meter, SampleFate fate, StepBody body) {
  if (fate.state != SampleState::good) return false;
  NodeMeter::Cell& counts = cell(meter);
  ++counts.in;
  if (stopped()) {
    ++counts.held;
    fate.state = SampleState::held;
    return false;
  }
  const Work work = begin_work();
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
  end_work(meter, work, fate.ready_ns);
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
  sample.image = Image(image_pool_, sample.needs.extent, PixelType::u8, holder);
  return wiring_.decode->decode(sample.file.bytes().first(sample.file_size), sample.image.view());
}

void Engine::apply(const AugmentNodeWiring& node, const StagePlan& plan, ConstImageView from,
                   Image& to) {
  BytesHeld* holder = &node.meter->bytes;
  const std::size_t bytes = plan.scratch_bytes;
  const Block scratch = bytes == 0 ? Block() : image_pool_.take(bytes, holder);
  Image result(image_pool_, plan.extent, plan.type, holder);
  node.stage->apply(from, plan.decision, result.view(), scratch.bytes().first(bytes));
  to = std::move(result);  // frees the input where it stood in `to`
}

void Engine::augment_trunk(int i, int stage) {
  SampleRecord& sample = record(i);
  const AugmentNodeWiring& node = wiring_.augment[index(stage)];
  step(*node.meter, fate(sample), [&]() -> Result<> {
    apply(node, sample.stages[index(stage)], std::as_const(sample.image).view(), sample.image);
    return Ok{};
  });
  if (sample.state != SampleState::good) sample.image = {};
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
  const AugmentNodeWiring& node = wiring_.branches[index(b)].augment[index(stage)];
  step(*node.meter, fate(branch), [&]() -> Result<> {
    const Image& from = branch.uses_trunk ? sample.image : branch.image;
    apply(node, branch.stages[index(stage)], from.view(), branch.image);
    return Ok{};
  });
  release_trunk(sample, branch);
  if (branch.state != SampleState::good) branch.image = {};
}

void Engine::collate(int i, int b) {
  SampleRecord& sample = record(i);
  BranchSample& branch = sample.branches[index(b)];
  inherit(sample, branch);
  Slot& to = slot(sample.group, b);
  step(*wiring_.branches[index(b)].collate_meter, fate(branch), [&] { return store(sample, b); });
  const std::size_t floats = wiring_.branches[index(b)].collect->row_floats();
  if (branch.state != SampleState::good) {
    const auto row = to.batch.rows.subspan(index(sample.row) * floats, floats);
    std::fill(row.begin(), row.end(), 0.0F);
  }
  to.batch.row_weights[index(sample.row)] = branch.state == SampleState::good ? 1.0F : 0.0F;
  if (branch.state == SampleState::held) to.spoiled = true;
  release_trunk(sample, branch);
  branch.image = {};
  const int group = sample.group;
  if (--sample.branches_left == 0) finish_record(sample);
  if (--to.pending != 0) return;
  to.ready_ns = now();
  scheduler_->order_batch({b, group});
}

Result<> Engine::store(SampleRecord& sample, int b) {
  BranchSample& branch = sample.branches[index(b)];
  const CollectStage& collect = *wiring_.branches[index(b)].collect;
  const std::size_t floats = collect.row_floats();
  const Image& from = branch.uses_trunk ? sample.image : branch.image;
  return collect.store(
      from.view(), sample.item.id,
      slot(sample.group, b).batch.rows.subspan(index(sample.row) * floats, floats));
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
  const std::size_t floats = wiring_.branches[index(b)].collect->row_floats();
  const auto unused = batch.rows.subspan(index(batch.count) * floats);
  std::fill(unused.begin(), unused.end(), 0.0F);
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
