// Keeps count of bad files, each once, and ends training when there are too many.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "graph/batch.h"

namespace sluice::nodes {

// One thread at a time.
class BadFiles {
 public:
  // How many files of an epoch may be bad, and what an earlier part of the run has met of it.
  struct Epoch {
    std::int64_t images = 0;
    double max_bad = 1.0;  // share
    std::int64_t bad = 0;
    std::string first;
  };

  // `write` gets each bad file the first time it is met; `seen` have been written before.
  explicit BadFiles(std::function<void(const graph::BadItem&)> write,
                    const std::vector<std::string>& seen = {})
      : write_(std::move(write)), seen_(seen.begin(), seen.end()) {}

  void start_epoch(Epoch epoch) { epoch_ = std::move(epoch); }
  // Throws Error{run} naming the first bad file when the epoch has too many.
  void add(const graph::Batch& batch);
  // Only keeps count and writes.
  void note(const graph::Batch& batch);

  std::int64_t files() const { return static_cast<std::int64_t>(seen_.size()); }
  std::vector<std::string> paths() const { return {seen_.begin(), seen_.end()}; }
  const Epoch& epoch() const { return epoch_; }

 private:
  std::function<void(const graph::BadItem&)> write_;
  std::set<std::string> seen_;
  Epoch epoch_;
};

}  // namespace sluice::nodes
