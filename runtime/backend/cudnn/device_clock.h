// What a program's marks come to in seconds. Marks are handed over when they are enqueued, and read
// once all of a step have been reached.
#pragma once

#include <mutex>
#include <vector>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn {

// Any thread.
class DeviceClock {
 public:
  struct Span {
    MarkPointer begin, end;
  };

  // Of one queue, in its order.
  void phase(Phase phase, Span span);
  void copy(Span span, std::size_t bytes);

  // What passes until the next phase is not idling: nothing is to be done.
  void rest();
  // Everything handed over so far was reached. Seconds that the device cannot tell (it is lost) are
  // left out.
  void read(const Device& device) noexcept;
  DeviceTimes times() const;

 private:
  struct TimedPhase {
    Phase phase;
    Span span;
  };

  mutable std::mutex mutex_;
  std::vector<TimedPhase> phases_;
  std::vector<Span> copies_;
  MarkPointer last_;  // end of the last phase that was read
  DeviceTimes times_;
};

}  // namespace sluice::cudnn
