// Measures mean colour, mean image and colour covariance of the images that reach it.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "augment/statistics.h"
#include "graph/node.h"

namespace sluice::nodes {

// Sums of whole numbers, so that the result has the same bits for any order and any thread count.
// Copies share the sums. Each worker takes a partial sum for one image and puts it back.
class StatisticsPool {
 public:
  void add(ConstImageView image);
  // After the run: images seen, and all partial sums as one (there must be some).
  std::int64_t images();
  Statistics finish();

 private:
  std::unique_ptr<augment::StatisticsSum> take();

  std::mutex mutex_;
  std::vector<std::unique_ptr<augment::StatisticsSum>> idle_;
};

struct MeasureStatistics {
  static constexpr graph::NodeInfo info{.name = "statistics",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "measures mean and covariance of the images"};

  std::shared_ptr<StatisticsPool> pool = std::make_shared<StatisticsPool>();

  std::size_t row_floats() const { return 0; }
  Result<> store(ConstImageView image, const graph::SampleId&, std::span<float>) const {
    pool->add(image);
    return Ok{};
  }
};
static_assert(graph::CollectNode<MeasureStatistics>);

}  // namespace sluice::nodes
