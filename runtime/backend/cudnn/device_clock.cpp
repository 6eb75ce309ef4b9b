#include "runtime/backend/cudnn/device_clock.h"

#include <utility>

namespace sluice::cudnn {
namespace {

double& seconds_of(DeviceTimes& times, Phase phase) {
  switch (phase) {
    case Phase::forward:
      return times.forward_seconds;
    case Phase::update:
      return times.update_seconds;
    case Phase::backward:
    case Phase::curvature:
      break;
  }
  return times.backward_seconds;
}

double between(const Device& device, const MarkPointer& first, const MarkPointer& second) noexcept {
  try {
    return device.seconds_between(first, second);
  } catch (...) {
    return 0.0;
  }
}

}  // namespace

void DeviceClock::phase(Phase phase, Span span) {
  const std::scoped_lock lock(mutex_);
  phases_.push_back({phase, std::move(span)});
}

void DeviceClock::copy(Span span, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  times_.bytes_copied += bytes;
  copies_.push_back(std::move(span));
}

void DeviceClock::read(const Device& device) noexcept {
  const std::scoped_lock lock(mutex_);
  for (TimedPhase& timed : phases_) {
    if (last_ != nullptr) times_.idle_seconds += between(device, last_, timed.span.begin);
    seconds_of(times_, timed.phase) += between(device, timed.span.begin, timed.span.end);
    last_ = std::move(timed.span.end);
  }
  phases_.clear();
  for (const Span& copy : copies_) times_.copy_seconds += between(device, copy.begin, copy.end);
  copies_.clear();
}

void DeviceClock::rest() {
  const std::scoped_lock lock(mutex_);
  last_ = nullptr;
}

DeviceTimes DeviceClock::times() const {
  const std::scoped_lock lock(mutex_);
  return times_;
}

}  // namespace sluice::cudnn
