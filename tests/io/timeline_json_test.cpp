#include "io/timeline_json.h"

#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

Timeline example() {
  Timeline timeline{
      .nodes = {"decode", "validation/n\xff\"%"}, .interval_seconds = 0.2, .moments = {}};
  for (int i = 0; i < 3; ++i) {
    Moment moment{.seconds = 0.2 * i + 1e-6,
                  .nodes = {{.items_out = 10 * i,
                             .busy_seconds = 0.125 * i,
                             .cpu_seconds = 0.0625 * i,
                             .queued = i},
                            {.items_out = i}},
                  .in_flight = {.file_bytes = 1000 + i, .image_bytes = 1 << 20, .slots_busy = i},
                  .cpu_seconds_process = 1.5 + i,
                  .device_seconds = 0.5 * i};
    timeline.moments.push_back(std::move(moment));
  }
  return timeline;
}

TEST_CASE("a timeline is read back as it was written, to the microsecond", "[io][timeline]") {
  const test::TempFolder folder;
  const Timeline before = example();
  write_timeline_json(folder.path() / "timeline.json", before);
  const Timeline after = read_timeline_json(folder.path() / "timeline.json");
  CHECK(after.nodes == before.nodes);
  CHECK(after.interval_seconds == before.interval_seconds);
  REQUIRE(after.moments.size() == before.moments.size());
  for (std::size_t i = 0; i < before.moments.size(); ++i) {
    const Moment& a = after.moments[i];
    const Moment& b = before.moments[i];
    CHECK(a.seconds == Approx(b.seconds).margin(1e-6));
    CHECK(a.cpu_seconds_process == b.cpu_seconds_process);
    CHECK(a.device_seconds == b.device_seconds);
    CHECK(a.in_flight.file_bytes == b.in_flight.file_bytes);
    CHECK(a.in_flight.image_bytes == b.in_flight.image_bytes);
    CHECK(a.in_flight.slots_busy == b.in_flight.slots_busy);
    REQUIRE(a.nodes.size() == 2);
    for (std::size_t n = 0; n < 2; ++n) {
      CHECK(a.nodes[n].items_out == b.nodes[n].items_out);
      CHECK(a.nodes[n].busy_seconds == b.nodes[n].busy_seconds);
      CHECK(a.nodes[n].cpu_seconds == b.nodes[n].cpu_seconds);
      CHECK(a.nodes[n].queued == b.nodes[n].queued);
    }
  }
  CHECK(timeline_json(after) == timeline_json(before));
}

TEST_CASE("a timeline of nothing is read back", "[io][timeline]") {
  const Timeline after = parse_timeline_json(timeline_json({}), "empty");
  CHECK(after.nodes.empty());
  CHECK(after.moments.empty());
}

std::string refusal(const std::string& text) {
  try {
    parse_timeline_json(text, "run/timeline.json");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.what();
  }
  return "taken";
}

TEST_CASE("what is no timeline is refused in one line that names the file and the column",
          "[io][timeline]") {
  const std::string good = timeline_json(example());
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const auto place = text.find(from);
    REQUIRE(place != std::string::npos);
    return refusal(text.replace(place, from.size(), to));
  };
  CHECK(refusal("[") == "run/timeline.json: is no JSON document");
  CHECK(changed("\"queued\":[0,1,2]", "\"queued\":[0,1]") ==
        "run/timeline.json: nodes[0].queued has 2 entries; the timeline has 3");
  CHECK(changed("\"queued\"", "\"waited\"") == "run/timeline.json: nodes[0].queued is missing");
  CHECK(changed("\"slots_busy\":[0,1,2]", "\"slots_busy\":[0,-1,2]") ==
        "run/timeline.json: in_flight.slots_busy holds what is not a whole number from 0 to "
        "9007199254740992");
  CHECK(changed("\"device_seconds\":[0.0", "\"device_seconds\":[null") ==
        "run/timeline.json: device_seconds holds what is not a number");
}

}  // namespace
}  // namespace sluice::io
