// What each node of one or more chains costs, on the same images in the same minute.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "io/dataset.h"
#include "nodes/run/contact_sheet.h"

namespace sluice::nodes {

// Nanoseconds an image: the median over rounds, and the interval in which the median of more rounds
// would lie in 95 of 100 cases (order statistics).
struct Nanoseconds {
  double median = 0.0;
  double low = 0.0;
  double high = 0.0;
};

struct StageCost {
  std::string node;  // name in the recipe
  Nanoseconds time;
  double bytes_in = 0.0;  // an image, on average
  double bytes_out = 0.0;
};

struct ChainCost {
  std::string chain;
  std::vector<StageCost> stages;
  Nanoseconds time;  // all stages of an image, one after the other
};

struct BenchRequest {
  int images = 32;
  int rounds = 15;                            // at least 6: fewer have no such interval
  std::size_t bytes = std::size_t{64} << 20;  // images that need more at any stage are passed over
};

// Each node on whole decoded images, one after the other in the calling thread, with the draws of
// the first epoch; memory is used again, so that nothing is mapped. In each round all chains have
// their turn, in an order that changes. Decode is no part of it. Throws Error{usage} where no image
// can be used.
std::vector<ChainCost> chain_bench(const io::Dataset& data, std::span<const SheetChain> chains,
                                   const BenchRequest& request);

}  // namespace sluice::nodes
