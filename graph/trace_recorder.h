// What nodes do when, span by span, in memory made before a run begins (law 3).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/trace.h"

namespace sluice::graph {

// One a run: its pipelines share it. Keeps the spans that come first and sums up those that find no
// room.
class TraceRecorder {
 public:
  // `spans`: at most so many are kept (32 bytes each).
  explicit TraceRecorder(std::size_t spans);
  TraceRecorder(const TraceRecorder&) = delete;
  TraceRecorder& operator=(const TraceRecorder&) = delete;

  // --- While pipelines are made. One thread.
  // The number of a track or name; the same name is the same track.
  std::int32_t add_track(const std::string& name);
  std::int32_t add_name(const std::string& name);

  // --- While they run.
  // Nanoseconds of wall_ns(). On one track by one thread at a time; spans of a track follow each
  // other or lie one within the other. Track -1, from any thread: is only summed up.
  void add(const TraceSpan& span) noexcept;

  // --- While none runs.
  // Everything so far, with times since `begun_ns`: tracks, names, spans (by track and begin, outer
  // ones first) and what found no room.
  Trace trace(std::int64_t begun_ns) const;

 private:
  struct Sum {
    std::int64_t spans = 0;
    std::int64_t busy_ns = 0;
  };
  // Takes room in pieces, so that busy tracks may have more of it than idle ones.
  struct alignas(64) Track {
    std::size_t next = 0;
    std::size_t end = 0;
    bool full = false;
    std::vector<Sum> rest;  // by name
  };

  bool take_piece(Track& track) noexcept;
  Track& track(std::int32_t number) { return *tracks_[static_cast<std::size_t>(number) + 1]; }
  std::vector<TraceRest> rest() const;

  std::vector<TraceSpan> spans_;  // name -1: nothing is there
  std::size_t piece_;
  std::atomic<std::size_t> taken_ = 0;
  std::vector<std::unique_ptr<Track>> tracks_;  // the first is -1
  std::mutex outside_;                          // of that one
  std::vector<std::string> track_names_;
  std::vector<std::string> names_;
};

// Where a pipeline's spans go, and what stands before its nodes' names there.
struct TraceInto {
  TraceRecorder* recorder = nullptr;  // none: they are not recorded
  std::string prefix{};
};

}  // namespace sluice::graph
