#include "graph/trace_recorder.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace sluice::graph {
namespace {

constexpr std::size_t kPiece = 256;  // spans that a track takes at a time
constexpr std::size_t kPieces = 64;  // at least so many of them, where few spans are kept
constexpr TraceSpan kNothing{.track = -1, .name = -1};

std::int32_t number_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::int32_t>(names.size()) - 1;
}

}  // namespace

TraceRecorder::TraceRecorder(std::size_t spans)
    : spans_(spans, kNothing), piece_(std::clamp<std::size_t>(spans / kPieces, 1, kPiece)) {
  tracks_.push_back(std::make_unique<Track>());
  tracks_.front()->full = true;
}

std::int32_t TraceRecorder::add_track(const std::string& name) {
  const std::int32_t number = number_of(track_names_, name);
  if (tracks_.size() == track_names_.size()) {
    tracks_.push_back(std::make_unique<Track>());
    tracks_.back()->rest.resize(names_.size());
  }
  return number;
}

std::int32_t TraceRecorder::add_name(const std::string& name) {
  const std::int32_t number = number_of(names_, name);
  for (const auto& track : tracks_) track->rest.resize(names_.size());
  return number;
}

bool TraceRecorder::take_piece(Track& track) noexcept {
  if (track.full) return false;
  track.next = taken_.fetch_add(piece_);
  track.end = std::min(track.next + piece_, spans_.size());
  track.full = track.next >= spans_.size();
  return !track.full;
}

void TraceRecorder::add(const TraceSpan& span) noexcept {
  std::unique_lock lock(outside_, std::defer_lock);
  if (span.track < 0) lock.lock();
  Track& to = track(span.track);
  if (to.next != to.end || take_piece(to)) {
    spans_[to.next++] = span;
    return;
  }
  to.next = to.end;
  Sum& sum = to.rest[static_cast<std::size_t>(span.name)];
  ++sum.spans;
  sum.busy_ns += span.end_ns - span.begin_ns;
}

std::vector<TraceRest> TraceRecorder::rest() const {
  std::vector<TraceRest> rest;
  for (std::size_t name = 0; name < names_.size(); ++name) {
    TraceRest sum{.name = static_cast<std::int32_t>(name)};
    for (const auto& track : tracks_) {
      sum.spans += track->rest[name].spans;
      sum.busy_ns += track->rest[name].busy_ns;
    }
    if (sum.spans > 0) rest.push_back(sum);
  }
  return rest;
}

Trace TraceRecorder::trace(std::int64_t begun_ns) const {
  Trace trace{.tracks = track_names_,
              .names = names_,
              .counters = {},
              .spans = {},
              .values = {},
              .rest = rest()};
  std::ranges::copy_if(spans_, std::back_inserter(trace.spans),
                       [](const TraceSpan& span) { return span.name >= 0; });
  for (TraceSpan& span : trace.spans) {
    span.begin_ns -= begun_ns;
    span.end_ns -= begun_ns;
  }
  std::ranges::sort(trace.spans, {}, [](const TraceSpan& span) {
    return std::tuple(span.track, span.begin_ns, -span.end_ns);
  });
  return trace;
}

}  // namespace sluice::graph
