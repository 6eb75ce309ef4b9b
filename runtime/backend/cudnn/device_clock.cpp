#include "runtime/backend/cudnn/device_clock.h"

#include <algorithm>
#include <chrono>
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

std::int64_t nanoseconds(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

DeviceSpans::Rest& rest_of(DeviceSpans& spans, std::optional<Phase> phase) {
  const auto found = std::ranges::find_if(
      spans.rest, [&](const DeviceSpans::Rest& rest) { return rest.phase == phase; });
  return found == spans.rest.end() ? spans.rest.emplace_back(DeviceSpans::Rest{.phase = phase})
                                   : *found;
}

}  // namespace

std::int64_t host_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void DeviceClock::phase(Phase phase, Span span) {
  const std::scoped_lock lock(mutex_);
  phases_.push_back({phase, std::move(span), copies_.size()});
}

void DeviceClock::copy(Span span, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  times_.bytes_copied += bytes;
  copies_.push_back(std::move(span));
  copy_ends_.reserve(copies_.size());  // `read` must not fail
}

void DeviceClock::read(const Device& device) noexcept {
  const std::scoped_lock lock(mutex_);
  read_copies(device);
  for (TimedPhase& timed : phases_) {
    const Span& span = timed.span;
    if (last_ != nullptr) times_.idle_seconds += between(device, last_, span.begin);
    const double seconds = between(device, span.begin, span.end);
    seconds_of(times_, timed.phase) += seconds;
    const std::int64_t copied_ns = timed.copies == 0 ? 0 : copy_ends_[timed.copies - 1];
    keep(device, {timed.phase, span, seconds, std::max(span.asked_ns, copied_ns)}, phases_end_);
    last_ = span.end;
  }
  phases_.clear();
}

void DeviceClock::read_copies(const Device& device) {
  copy_ends_.clear();
  for (const Span& copy : copies_) {
    const double seconds = between(device, copy.begin, copy.end);
    times_.copy_seconds += seconds;
    keep(device, {std::nullopt, copy, seconds, copy.asked_ns}, copies_end_);
    copy_ends_.push_back(copies_end_.ns);
  }
  copies_.clear();
}

// Each span is set by the one before it on the device's clock, so that no error grows with the
// run's length but the drift of two clocks; that is bounded by what the host knows: nothing begins
// before it is asked for, nor ends after the host has seen the end.
void DeviceClock::keep(const Device& device, const Timed& timed, Anchor& anchor) {
  if (most_spans_ == 0) return;
  const std::int64_t duration = nanoseconds(timed.seconds);
  std::int64_t begin = timed.earliest_ns;
  if (anchor.mark != nullptr)
    begin =
        std::max(begin, anchor.ns + nanoseconds(between(device, anchor.mark, timed.span.begin)));
  begin = std::max({std::min(begin, host_ns() - duration), anchor.ns, timed.earliest_ns});
  anchor = {.mark = timed.span.end, .ns = begin + duration};
  if (spans_.spans.size() < most_spans_) {
    spans_.spans.push_back({.phase = timed.phase, .begin_ns = begin, .end_ns = anchor.ns});
    return;
  }
  DeviceSpans::Rest& rest = rest_of(spans_, timed.phase);
  ++rest.spans;
  rest.busy_ns += duration;
}

void DeviceClock::rest() {
  const std::scoped_lock lock(mutex_);
  last_ = nullptr;
}

DeviceTimes DeviceClock::times() const {
  const std::scoped_lock lock(mutex_);
  return times_;
}

DeviceSpans DeviceClock::spans() const {
  const std::scoped_lock lock(mutex_);
  return spans_;
}

void DeviceClock::record(std::size_t most) {
  const std::scoped_lock lock(mutex_);
  most_spans_ = most;
  spans_.spans.reserve(most);
  spans_.rest.reserve(4);  // as many as there are kinds
}

}  // namespace sluice::cudnn
