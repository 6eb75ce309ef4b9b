// The source's side of the engine: which sample enters which row of which slot, and when.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {

std::optional<int> Engine::emit() {
  if (source_ended_) return std::nullopt;
  if (stopped() || !fetch_item()) {
    end_source();
    return std::nullopt;
  }
  if (next_item_->begins_batch && has_samples(open_group_)) close_group();
  if (open_group_ < 0 && !open_group()) {
    wait_for(source_waits_since_);
    return std::nullopt;
  }
  const std::size_t bytes = BlockPool::rounded(next_item_->file_bytes);
  {
    const std::lock_guard lock(budget_mutex_);
    if (!read_budget_.try_reserve(bytes)) {
      wait_for(source_waits_since_);
      return std::nullopt;
    }
  }
  wiring_.source_meter->blocked_ns += waited(source_waits_since_);
  return fill_record(bytes);
}

// Makes sure that the next item is known. False: there is none, or the source failed.
bool Engine::fetch_item() {
  if (next_item_) return true;
  const Work work = begin_work(*wiring_.source_meter);
  try {
    next_item_ = source_->next();
  } catch (...) {
    fail_run(std::current_exception());
  }
  std::int64_t ready = work.started_ns;
  end_work(*wiring_.source_meter, work, ready,
           next_item_ ? std::int64_t{next_item_->id.number} : -1);
  if (next_item_) ++cell(*wiring_.source_meter).in;
  return next_item_.has_value();
}

bool Engine::has_samples(int group) const {
  return group >= 0 && groups_[index(group)]->slots.front()->batch.count > 0;
}

bool Engine::open_group() {
  {
    const std::lock_guard lock(group_mutex_);
    if (free_groups_.empty()) return false;
    open_group_ = free_groups_.pop();
  }
  SlotGroup& group = *groups_[index(open_group_)];
  group.branches_left = static_cast<int>(branches_.size());
  group.course = Course::open;
  group.sequence = next_batch_sequence_++;
  const std::int64_t number = next_batch_++;
  for (const auto& slot : group.slots) {
    Batch& batch = slot->batch;
    batch.number = number;
    batch.epoch = next_item_->id.epoch;
    batch.count = 0;
    batch.extent = {};
    std::fill(batch.labels.begin(), batch.labels.end(), 0);
    std::fill(batch.row_weights.begin(), batch.row_weights.end(), 0.0F);
    std::fill(batch.ids.begin(), batch.ids.end(), SampleId{});
    batch.other_labels.clear();
    batch.other_shares.clear();
    batch.bad.clear();
    batch.scores.clear();
    batch.row_losses.clear();
    batch.step = 0;
    batch.rate = 0.0;
    slot->pending = 1;  // the open batch itself
    slot->spoiled = false;
    slot->token = nullptr;
  }
  return true;
}

int Engine::fill_record(std::size_t file_bytes) {
  SlotGroup& group = *groups_[index(open_group_)];
  const int row = group.slots.front()->batch.count;
  SampleRecord& sample = *group.records[index(row)];
  sample.item = *next_item_;
  sample.sequence = next_sample_sequence_++;
  sample.state = SampleState::good;
  sample.ready_ns = now();
  sample.file_reserved = file_bytes;
  sample.image_reserved = 0;
  sample.trunk_users = static_cast<int>(branches_.size());
  sample.branches_left = static_cast<int>(branches_.size());
  for (BranchSample& branch : sample.branches) {
    branch.state = SampleState::good;
    branch.uses_trunk = true;
    branch.stored = false;
    branch.ready_ns = 0;
  }
  for (const auto& slot : group.slots) {
    const int views = slot->batch.views;
    std::fill_n(slot->batch.labels.begin() + row * views, views, sample.item.label);
    slot->batch.ids[index(row)] = sample.item.id;
    ++slot->batch.count;
    ++slot->pending;
  }
  const int number = open_group_ * options_.batch + row;
  next_item_.reset();
  ++cell(*wiring_.source_meter).out;
  if (row + 1 == options_.batch) close_group();
  return number;
}

// No more samples for the open batch: it is complete when those on their way are stored.
void Engine::close_group() {
  const int group = std::exchange(open_group_, -1);
  for (int branch = 0; branch < static_cast<int>(branches_.size()); ++branch) {
    Slot& closed = slot(group, branch);
    if (--closed.pending != 0) continue;
    closed.ready_ns = now();
    scheduler_->order_batch({branch, group});
  }
}

void Engine::end_source() {
  source_ended_ = true;
  wiring_.source_meter->blocked_ns += waited(source_waits_since_);
  if (next_item_) ++cell(*wiring_.source_meter).held;
  next_item_.reset();
  // A group is opened only for an item, and that item may have been waiting for bytes: then the
  // batch is empty. It passes `order` like every other, because its number is taken.
  if (open_group_ >= 0) close_group();
  tell_port();
  scheduler_->wake_source();
}

void Engine::tell_port() {
  const std::lock_guard lock(port_mutex_);
  port_changed_.notify_all();
}

bool Engine::over() const {
  const std::lock_guard lock(port_mutex_);
  return over_;
}

bool Engine::finish_if_over() {
  if (!source_ended_ || free_slots() != memory_.slots) return false;
  const std::lock_guard lock(port_mutex_);
  if (over_) return false;
  over_ = true;
  port_changed_.notify_all();
  return true;
}

// A branch is done with its part of the group; the last one returns the group. A consumer that
// waits is told: it may have waited for a batch that a cancel has held.
void Engine::slot_back(int group) {
  if (--groups_[index(group)]->branches_left == 0) {
    const std::lock_guard lock(group_mutex_);
    free_groups_.push(group);
  }
  if (drive_ == Drive::leases) tell_port();
  scheduler_->wake_source();
}

}  // namespace sluice::graph
