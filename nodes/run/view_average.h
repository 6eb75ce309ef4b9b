// What nets say to an image, over all branches of an evaluation: means of probabilities.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "graph/batch.h"

namespace sluice::nodes {

// An image that every branch was able to show its net, or one that failed somewhere.
struct Answer {
  graph::SampleId id;
  std::int32_t label = 0;
  const graph::BadItem* bad = nullptr;
  std::span<const double> probabilities;  // (classes); empty where it is bad
};

// Adds up what branches give of each batch, and tells each image's answer when the last branch has
// given its own: batches in order, images in the order of the batch. Any thread.
class ViewAverage {
 public:
  // `weights`: of the branches, of sum 1. `classes`: for each branch, the place of its classes
  // among the answer's.
  ViewAverage(std::vector<double> weights, std::vector<std::vector<int>> classes,
              std::function<void(const Answer&)> tell);

  // `probabilities`: (samples, classes) of the branch.
  void add(std::size_t branch, const graph::Batch& batch, std::span<const double> probabilities);

 private:
  struct Part {
    std::vector<double> probabilities;
    std::vector<graph::BadItem> bad;
  };
  struct Pending {
    std::vector<Part> parts;
    std::size_t missing = 0;
  };
  void finish(const Pending& pending, const graph::Batch& batch);

  const std::vector<double> weights_;
  const std::vector<std::vector<int>> classes_;
  const std::function<void(const Answer&)> tell_;
  std::mutex mutex_;
  std::map<std::int64_t, Pending> pending_;  // by batch; as many as there are slots at most
};

}  // namespace sluice::nodes
