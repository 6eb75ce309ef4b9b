#include "runtime/backend/cudnn/uploads.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cstring>

#include "runtime/arena.h"

namespace sluice::cudnn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // bytes

std::span<const std::byte> rows_of(const StepInput& input) {
  return row_form(input) == RowForm::bytes ? input.row_bytes : std::as_bytes(input.rows);
}

// A thread that waits here must not pick up a decode task.
void copy_rows(std::span<const std::byte> from, std::byte* to) {
  run_isolated([&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, from.size(), kPiece),
                      [&](const tbb::blocked_range<std::size_t>& piece) {
                        std::memcpy(to + piece.begin(), from.data() + piece.begin(), piece.size());
                      });
  });
}

}  // namespace

Uploads::Uploads(std::shared_ptr<Device> device, std::shared_ptr<const PinnedRows> pinned)
    : device_(std::move(device)), pinned_(std::move(pinned)) {}

void Uploads::begin(const StepInput& input) {
  const std::scoped_lock lock(mutex_);
  // Rows that stand there already are of a step that never came.
  if (Slot* stale = uploaded(rows_of(input))) forget(*stale);
  Slot* slot = remembered_.empty() ? free_slot() : nullptr;
  if (slot == nullptr) return remembered_.push_back(input);
  upload(*slot, input);
}

void Uploads::go_on() {
  const std::scoped_lock lock(mutex_);
  while (!remembered_.empty()) {
    Slot* slot = free_slot();
    if (slot == nullptr) return;
    const StepInput input = remembered_.front();
    remembered_.pop_front();
    upload(*slot, input);
  }
}

UploadedRows Uploads::take(const StepInput& input) {
  const std::scoped_lock lock(mutex_);
  const std::span<const std::byte> rows = rows_of(input);
  Slot* slot = uploaded(rows);
  if (slot == nullptr) {
    std::erase_if(remembered_,
                  [&](const StepInput& other) { return rows_of(other).data() == rows.data(); });
    slot = free_slot();
    for (Slot& other : slots_) {  // both hold steps of which this is none
      if (slot == nullptr && other.state == State::uploaded) forget(*(slot = &other));
    }
    upload(*slot, input);
  }
  slot->state = State::taken;
  return {.slot = number(*slot),
          .form = slot->form,
          .data = slot->block.data(),
          .copied = slot->span.end,
          .span = slot->span,
          .bytes = rows.size()};
}

void Uploads::release(std::size_t slot) noexcept { slots_[slot].state = State::free; }

void Uploads::settle() noexcept {
  const std::scoped_lock lock(mutex_);
  remembered_.clear();
  for (Slot& slot : slots_) {
    try {
      // The rows of a free slot were read by a step that is over.
      if (slot.state != State::free && slot.span.end != nullptr) device_->wait_for(slot.span.end);
    } catch (...) {  // a lost device reads nothing any more
    }
    if (slot.state == State::uploaded) slot.state = State::free;
  }
}

std::size_t Uploads::bytes() const {
  const std::scoped_lock lock(mutex_);
  std::size_t bytes = 0;
  for (const Slot& slot : slots_) bytes += slot.block.size();
  return bytes;
}

Uploads::Slot* Uploads::free_slot() {
  const auto found =
      std::ranges::find_if(slots_, [](const Slot& slot) { return slot.state == State::free; });
  return found == slots_.end() ? nullptr : &*found;
}

Uploads::Slot* Uploads::uploaded(std::span<const std::byte> rows) {
  const auto found = std::ranges::find_if(slots_, [&](const Slot& slot) {
    return slot.state == State::uploaded && slot.rows.data() == rows.data() &&
           slot.rows.size() == rows.size();
  });
  return found == slots_.end() ? nullptr : &*found;
}

void Uploads::forget(Slot& slot) {
  device_->wait_for(slot.span.end);
  slot.state = State::free;
}

// Memory that a slot has no room for any more is nobody's: its step has ended.
void Uploads::upload(Slot& slot, const StepInput& input) {
  const std::span<const std::byte> rows = rows_of(input);
  if (queue_ == nullptr) queue_ = device_->make_queue("copy");
  if (slot.block.size() < rows.size()) {
    slot.block.release();
    slot.block = device_->allocate(rows.size());
  }
  const std::span<const std::byte> from = pinned(slot, rows);
  slot.rows = rows;
  slot.form = row_form(input);
  slot.span.asked_ns = host_ns();
  slot.span.begin = queue_->mark();
  queue_->copy_in(from, slot.block.data());
  slot.span.end = queue_->mark();
  slot.state = State::uploaded;
}

std::span<const std::byte> Uploads::pinned(Slot& slot, std::span<const std::byte> rows) {
  if (pinned_->holds(rows)) return rows;
  if (slot.staging.size() < rows.size()) {
    slot.staging.release();
    slot.staging = device_->allocate_pinned(rows.size());
  }
  copy_rows(rows, slot.staging.data());
  return {slot.staging.data(), rows.size()};
}

}  // namespace sluice::cudnn
