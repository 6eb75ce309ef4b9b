// A run over time: what was counted at moments some tenths of a second apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

// One node at one moment. Sums since the run began.
struct NodeMoment {
  std::int64_t items_out = 0;
  double busy_seconds = 0.0;
  double cpu_seconds = 0.0;
  std::int64_t queued = 0;  // items that stand before it at this moment
};

// What is in flight at one moment.
struct InFlight {
  std::int64_t file_bytes = 0;   // reserved for compressed files
  std::int64_t image_bytes = 0;  // reserved for decoders, images and scratch
  int slots_busy = 0;
};

struct Moment {
  double seconds = 0.0;  // since the run began
  std::vector<NodeMoment> nodes;
  InFlight in_flight;
  double cpu_seconds_process = 0.0;
  double device_seconds = 0.0;  // computed by the device so far
};

// Of bounded length: where it would grow longer, every second moment is left out and
// `interval_seconds` doubles. The first moment is the run's begin, the last its end.
struct Timeline {
  std::vector<std::string> nodes;  // names, as in the account and in its order
  double interval_seconds = 0.0;
  std::vector<Moment> moments;
};

// Appends. A timeline that holds `most` moments (at least 3) is first thinned as above.
void add_moment(Timeline& timeline, Moment moment, std::size_t most);

}  // namespace sluice
