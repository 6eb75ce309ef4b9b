#include "nodes/run/account_watch.h"

#include <chrono>
#include <memory>
#include <thread>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

// A pipeline that takes a while.
struct Slow {
  Arena arena{2};
  graph::Pipeline pipeline;

  Slow() : pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000}, stream()) {}
  static graph::BatchStream stream() {
    auto world = std::make_shared<test::World>();
    world->delays.max_us = 300;
    return test::ordinary_stream(world);
  }
  void run(int samples) {
    test::MemorySource source(samples, 0);
    pipeline.run(source);
  }
};

TEST_CASE("a watch has the begin, moments between and the end of all pipelines of a run",
          "[nodes][watch]") {
  Slow training, validation;
  AccountWatch watch({{.pipeline = &training.pipeline},
                      {.pipeline = &validation.pipeline, .prefix = "validation/"}},
                     {.interval_seconds = 0.005});
  training.run(200);
  validation.run(100);
  const Timeline timeline = watch.finish();
  const AccountRecord account =
      account_of({{.pipeline = &training.pipeline},
                  {.pipeline = &validation.pipeline, .prefix = "validation/"}});
  REQUIRE(timeline.nodes.size() == account.nodes.size());
  REQUIRE(timeline.moments.size() > 3);
  for (std::size_t i = 0; i < timeline.nodes.size(); ++i) {
    CHECK(timeline.nodes[i] == account.nodes[i].name);
    CHECK(timeline.moments.front().nodes[i].items_out == 0);
    CHECK(timeline.moments.back().nodes[i].items_out == account.nodes[i].items_out);
    CHECK(timeline.moments.back().nodes[i].busy_seconds == account.nodes[i].busy_seconds);
  }
  CHECK(timeline.nodes.back() == "validation/order");
  CHECK(timeline.moments.back().nodes.back().items_out == 25);
  bool seen_at_work = false;
  for (const Moment& moment : timeline.moments)
    seen_at_work =
        seen_at_work || (moment.in_flight.slots_busy > 0 && moment.in_flight.image_bytes > 0);
  CHECK(seen_at_work);
  CHECK(watch.cpu_seconds() > 0.0);
  const std::size_t moments = timeline.moments.size();
  CHECK(watch.finish().moments.size() == moments);  // again: the same
}

TEST_CASE("who looks is shown growing accounts, not more often than was said", "[nodes][watch]") {
  Slow slow;
  int looks = 0;
  bool grows = true;
  std::int64_t images = 0;
  const auto begun = std::chrono::steady_clock::now();
  AccountWatch watch({{.pipeline = &slow.pipeline}},
                     {.interval_seconds = 0.002,
                      .look =
                          [&](const AccountRecord& now, const Timeline& timeline) {
                            ++looks;
                            const std::int64_t done = test::row(now, "collate").items_out;
                            grows = grows && done >= images && timeline.moments.size() > 1;
                            images = done;
                          },
                      .look_seconds = 0.02});
  slow.run(300);
  watch.finish();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  CHECK(looks >= 1);
  CHECK(looks <= seconds / 0.02 + 1);
  CHECK(grows);
  CHECK(images > 0);
}

TEST_CASE("a watch whose run fails ends with it", "[nodes][watch]") {
  Slow slow;
  const AccountWatch watch({{.pipeline = &slow.pipeline}}, {.interval_seconds = 0.001});
  test::MemorySource source(50, 0, 20);
  CHECK_THROWS(slow.pipeline.run(source));
}

}  // namespace
}  // namespace sluice::nodes
