// What the chains of several recipes cost in one pipeline, where what they begin with is run once.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "nodes/run/contact_sheet.h"

namespace sluice::nodes {

struct TogetherNode {
  std::string node;
  std::string recipe;         // whose branch it stands in; empty: in the trunk, for all
  double microseconds = 0.0;  // CPU an image, the median over rounds
};

struct TogetherCosts {
  std::vector<TogetherNode> nodes;  // the trunk's first, then branch by branch
  std::vector<double> rates;        // images a second that end in every batch, one a round
};

// Of the trunk, or of one recipe's branch: what it adds.
double microseconds_of(const TogetherCosts& costs, const std::string& recipe);

// One pipeline from the files to the batches of every recipe, run for a while a round; by the main
// thread. Statistics are neutral ones, as in a profile.
class TogetherBench {
 public:
  // Throws Error{usage} for recipes that check_together refuses, and for what profile() does.
  explicit TogetherBench(std::span<const SheetChain> recipes);
  ~TogetherBench();

  // Throws Error{interrupted} when stopped.
  void round(double seconds, std::stop_token stop);
  TogetherCosts costs() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::nodes
