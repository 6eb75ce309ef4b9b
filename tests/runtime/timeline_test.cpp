#include "runtime/timeline.h"

#include "tests/support/catch.h"

namespace sluice {
namespace {

// A moment a tenth of a second, as whoever samples would add them: the interval is asked each time.
Timeline sampled(int tenths, std::size_t most) {
  Timeline timeline{.nodes = {"decode"}, .interval_seconds = 0.1, .moments = {}};
  double next = 0.0;
  for (int tenth = 0; tenth <= tenths; ++tenth) {
    if (0.1 * tenth < next - 1e-9) continue;
    add_moment(timeline, {.seconds = 0.1 * tenth, .nodes = {{.items_out = tenth}}}, most);
    next = 0.1 * tenth + timeline.interval_seconds;
  }
  return timeline;
}

TEST_CASE("a timeline that would grow too long keeps every second moment and its begin",
          "[runtime][timeline]") {
  Timeline timeline{.nodes = {"decode"}, .interval_seconds = 0.1, .moments = {}};
  for (int i = 0; i < 5; ++i)
    add_moment(timeline, {.seconds = 0.1 * i, .nodes = {{.items_out = i}}}, 5);
  CHECK(timeline.moments.size() == 5);
  CHECK(timeline.interval_seconds == 0.1);
  add_moment(timeline, {.seconds = 0.5, .nodes = {{.items_out = 5}}}, 5);
  CHECK(timeline.interval_seconds == 0.2);
  REQUIRE(timeline.moments.size() == 4);
  const std::vector<std::int64_t> kept{0, 2, 4, 5};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(timeline.moments[i].nodes.front().items_out == kept[i]);
    CHECK(timeline.moments[i].seconds == Approx(0.1 * static_cast<double>(kept[i])));
  }
}

TEST_CASE("a run of any length has a bounded timeline from its begin to now",
          "[runtime][timeline]") {
  const int tenths = GENERATE(3, 17, 600, 601, 5000, 100000);
  const Timeline timeline = sampled(tenths, 600);
  CAPTURE(tenths, timeline.moments.size(), timeline.interval_seconds);
  CHECK(timeline.moments.size() <= 600);
  CHECK(timeline.moments.size() >= std::min<std::size_t>(static_cast<std::size_t>(tenths), 299));
  CHECK(timeline.moments.front().seconds == 0.0);
  CHECK(0.1 * tenths - timeline.moments.back().seconds <= timeline.interval_seconds);
  for (std::size_t i = 1; i < timeline.moments.size(); ++i) {
    const double step = timeline.moments[i].seconds - timeline.moments[i - 1].seconds;
    CHECK(step > 0.0);
    CHECK(step <= timeline.interval_seconds + 1e-6);
  }
}

}  // namespace
}  // namespace sluice
