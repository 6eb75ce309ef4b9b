// What a program's marks come to in seconds, and when that was. Marks are handed over when they are
// enqueued, and read once all of a step have been reached.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn {

// Nanoseconds of std::chrono::steady_clock.
std::int64_t host_ns();

// Any thread.
class DeviceClock {
 public:
  struct Span {
    MarkPointer begin, end;
    std::int64_t asked_ns = 0;  // host_ns() before `begin` was enqueued: nothing began earlier
  };

  // Of one queue, in its order. A phase waits for the copies that were handed over before it.
  void phase(Phase phase, Span span);
  void copy(Span span, std::size_t bytes);

  // What passes until the next phase is not idling: nothing is to be done.
  void rest();
  // Everything handed over so far was reached. Seconds that the device cannot tell (it is lost) are
  // left out.
  void read(const Device& device) noexcept;
  DeviceTimes times() const;

  // Keeps spans from now on, at most so many.
  void record(std::size_t most);
  DeviceSpans spans() const;

 private:
  struct TimedPhase {
    Phase phase;
    Span span;
    std::size_t copies;  // handed over before it, which it waits for
  };
  // Where a queue's last span ended, on both clocks.
  struct Anchor {
    MarkPointer mark;
    std::int64_t ns = 0;
  };
  struct Timed {
    std::optional<Phase> phase;
    const Span& span;
    double seconds;
    std::int64_t earliest_ns;  // nothing of it was before
  };

  void read_copies(const Device& device);
  void keep(const Device& device, const Timed& timed, Anchor& anchor);

  mutable std::mutex mutex_;
  std::vector<TimedPhase> phases_;
  std::vector<Span> copies_;
  MarkPointer last_;  // end of the last phase that was read
  DeviceTimes times_;

  std::size_t most_spans_ = 0;
  DeviceSpans spans_;
  Anchor phases_end_, copies_end_;
  std::vector<std::int64_t> copy_ends_;  // of what is being read
};

}  // namespace sluice::cudnn
