// How a run speaks while it goes on; apps decide what people see of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::nodes {

struct Progress {
  std::string phase;  // "statistics", "train", "validate", "evaluate", "profile"
  std::uint32_t epoch = 0;
  std::int64_t images = 0;      // done of this phase
  std::int64_t images_all = 0;  // 0: unknown
  double loss = 0.0;            // train only
  double learning_rate = 0.0;   // train only
  double images_per_second = 0.0;
};

// All may be called from any thread of the pipeline, one call at a time; each may be empty.
struct Listener {
  std::function<void(const std::string&)> say;      // one line
  std::function<void(const std::string&)> warning;  // one line that also the quiet are told
  std::function<void(const Progress&)> progress;
  // What is measured so far, of all of a run's pipelines, at most four times a second; from a
  // thread of its own, also beside calls of the others. Must not throw.
  std::function<void(const AccountRecord&, const Timeline&)> look{};

  void tell(const std::string& line) const {
    if (say) say(line);
  }
  void warn(const std::string& line) const {
    if (warning) warning(line);
  }
  void show(const Progress& now) const {
    if (progress) progress(now);
  }
};

}  // namespace sluice::nodes
