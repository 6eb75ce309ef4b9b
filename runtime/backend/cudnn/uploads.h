// Rows on their way to the device: two slots, so that the next step's are copied while the phases
// of the one before run.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "runtime/backend/cudnn/device_clock.h"
#include "runtime/backend/cudnn/pinned_rows.h"

namespace sluice::cudnn {

inline constexpr std::size_t kUploadSlots = 2;

enum class RowForm : std::uint8_t { floats, bytes };

inline RowForm row_form(const StepInput& input) {
  return input.row_bytes.empty() ? RowForm::floats : RowForm::bytes;
}

// Of a step that forward is about to take: where its rows stand once `copied` has been reached.
struct UploadedRows {
  std::size_t slot = 0;
  RowForm form = RowForm::floats;
  std::byte* data = nullptr;
  MarkPointer copied;
  DeviceClock::Span span;
  std::size_t bytes = 0;
};

// A slot holds a step's rows from their upload until the step has ended. `begin` may be called
// beside the others; `release` by a thread of the device's, and never waits.
class Uploads {
 public:
  Uploads(std::shared_ptr<Device> device, std::shared_ptr<const PinnedRows> pinned);

  // A step ahead. Where no slot is free the rows are remembered, for `go_on`.
  void begin(const StepInput& input);
  // The rows of this step, which are uploaded now where nobody has. Throws Error{run}.
  UploadedRows take(const StepInput& input);
  // Begins what was remembered, where a slot has become free.
  void go_on();
  void release(std::size_t slot) noexcept;
  // Forgets what no forward has taken, and waits for its copies.
  void settle() noexcept;

  std::size_t bytes() const;  // of the device's memory

 private:
  enum class State : std::uint8_t { free, uploaded, taken };
  struct Slot {
    std::atomic<State> state = State::free;
    std::span<const std::byte> rows;  // the caller's
    RowForm form = RowForm::floats;
    DeviceBlock block;
    DeviceBlock staging;  // pinned; for rows that are not
    DeviceClock::Span span;
  };

  Slot* free_slot();
  Slot* uploaded(std::span<const std::byte> rows);
  void forget(Slot& slot);
  void upload(Slot& slot, const StepInput& input);
  std::span<const std::byte> pinned(Slot& slot, std::span<const std::byte> rows);
  std::size_t number(const Slot& slot) const {
    return static_cast<std::size_t>(&slot - slots_.data());
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<const PinnedRows> pinned_;
  mutable std::mutex mutex_;
  std::array<Slot, kUploadSlots> slots_;
  std::deque<StepInput> remembered_;
  std::unique_ptr<Queue> queue_;  // last: it waits for what uses the slots
};

}  // namespace sluice::cudnn
