// Keeps count of bad files, each once, and ends training when there are too many.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "graph/batch.h"

namespace sluice::nodes {

// One thread at a time.
class BadFiles {
 public:
  // `write` gets each bad file the first time it is met.
  explicit BadFiles(std::function<void(const graph::BadItem&)> write) : write_(std::move(write)) {}

  // Starts an epoch of `images` images of which a share of `max_bad` may be bad.
  void start_epoch(std::int64_t images, double max_bad);
  // Throws Error{run} naming the first bad file when the epoch has too many.
  void add(const graph::Batch& batch);
  // Only keeps count and writes.
  void note(const graph::Batch& batch);

  std::int64_t files() const { return static_cast<std::int64_t>(seen_.size()); }

 private:
  std::function<void(const graph::BadItem&)> write_;
  std::set<std::string> seen_;
  std::int64_t epoch_images_ = 0;
  std::int64_t epoch_bad_ = 0;
  double max_bad_ = 1.0;
  std::string first_;
};

}  // namespace sluice::nodes
