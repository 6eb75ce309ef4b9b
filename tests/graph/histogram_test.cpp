// Quantiles from buckets against sorted values.
#include "graph/histogram.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "runtime/random.h"
#include "tests/support/catch.h"

namespace sluice::graph {
namespace {

TEST_CASE("buckets are in order and their middle is within a thirty-second of every value in them",
          "[graph][histogram]") {
  std::size_t last = 0;
  for (std::int64_t ns = 0; ns < (std::int64_t{1} << 43); ns += 1 + ns / 100) {
    const std::size_t bucket = Histogram::bucket(ns);
    REQUIRE(bucket >= last);
    REQUIRE(bucket < Histogram::kBuckets);
    REQUIRE(std::abs(Histogram::middle(bucket) - static_cast<double>(ns)) <=
            static_cast<double>(ns) / 32.0 + 1e-9);
    last = bucket;
  }
  CHECK(Histogram::bucket(-5) == 0);
  CHECK(Histogram::bucket(INT64_MAX) == Histogram::kBuckets - 1);
}

TEST_CASE("quantiles are within 3 percent of those of the sorted values", "[graph][histogram]") {
  const auto histogram = std::make_unique<Histogram>();
  std::vector<std::int64_t> values;
  Random random({.seed = 1, .stream = stream_id("test/histogram")});
  for (int i = 0; i < 10'000; ++i) {
    const double u = random.uniform();
    values.push_back(static_cast<std::int64_t>(1e3 + 1e8 * u * u * u));
    histogram->add(values.back());
  }
  std::sort(values.begin(), values.end());
  Histogram::Counts counts{};
  histogram->add_to(counts);
  for (const double part : {0.5, 0.9, 0.99}) {
    const auto exact = values[static_cast<std::size_t>(part * 10'000) - 1];
    CHECK(Histogram::quantile(counts, part) == Approx(static_cast<double>(exact)).epsilon(0.032));
  }
  CHECK(Histogram::quantile({}, 0.5) == 0.0);
}

}  // namespace
}  // namespace sluice::graph
