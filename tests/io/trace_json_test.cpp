#include "io/trace_json.h"

#include <map>
#include <nlohmann/json.hpp>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using nlohmann::json;

json written(const Trace& trace) {
  const test::TempFolder folder;
  write_trace_json(folder / "trace.json", trace);
  return json::parse(test::text_of(folder / "trace.json"));
}

std::map<std::string, std::vector<json>> by_kind(const json& document) {
  std::map<std::string, std::vector<json>> events;
  for (const json& event : document.at("traceEvents"))
    events[event.at("ph").get<std::string>()].push_back(event);
  return events;
}

TEST_CASE("a trace is written as events of spans, values and tracks", "[io][trace]") {
  const Trace trace{.tracks = {"thread 0", "idle", "a \"track\"\xff"},
                    .names = {"decode", "crop"},
                    .counters = {"queued before decode"},
                    .spans = {{.track = 0, .name = 1, .begin_ns = 1'234'567, .end_ns = 1'234'568},
                              {.track = 2,
                               .name = 0,
                               .begin_ns = 4'000'000'000'001,
                               .end_ns = 4'000'000'002'000,
                               .item = 77}},
                    .values = {{.counter = 0, .at_ns = 5'000, .value = 3}},
                    .rest = {{.name = 1, .spans = 9, .busy_ns = 2'500'000'000}}};
  const json document = written(trace);
  CHECK(document.at("displayTimeUnit") == "ms");
  const json& rest = document.at("otherData").at("rest").at(0);
  CHECK(rest.at("name") == "crop");
  CHECK(rest.at("spans") == 9);
  CHECK(rest.at("busy_seconds") == 2.5);
  auto events = by_kind(document);
  REQUIRE(events["X"].size() == 2);
  const json& crop = events["X"][0];
  CHECK(crop.at("name") == "crop");
  CHECK(crop.at("ts").get<double>() == Approx(1234.567).epsilon(1e-9));
  CHECK(crop.at("dur") == 0.001);
  const json& decode = events["X"][1];
  CHECK(decode.at("ts").get<double>() == 4'000'000'000.001);
  CHECK(decode.at("dur") == 1.999);
  CHECK(decode.at("args").at("item") == 77);
  CHECK(decode.at("tid") != crop.at("tid"));
  REQUIRE(events["C"].size() == 1);
  CHECK(events["C"][0].at("name") == "queued before decode");
  CHECK(events["C"][0].at("args").at("value") == 3);
  std::map<int, std::string> tracks;
  for (const json& event : events["M"]) {
    if (event.at("name") == "thread_name") tracks[event.at("tid")] = event.at("args").at("name");
  }
  CHECK(tracks.size() == 2);  // one holds nothing
  CHECK(tracks[crop.at("tid")] == "thread 0");
  CHECK(tracks[decode.at("tid")] == "a \"track\"%FF");
}

TEST_CASE("a trace of nothing is a document too, and a long one is written in pieces",
          "[io][trace]") {
  CHECK(by_kind(written({})).count("X") == 0);
  Trace trace{.tracks = {"thread 0"},
              .names = {"decode"},
              .counters = {},
              .spans = {},
              .values = {},
              .rest = {}};
  for (std::int64_t i = 0; i < 5000; ++i)
    trace.spans.push_back({.begin_ns = 1000 * i, .end_ns = 1000 * i + 999, .item = i});
  auto events = by_kind(written(trace));
  REQUIRE(events["X"].size() == 5000);
  for (std::size_t i = 0; i < 5000; ++i) {
    if (events["X"][i].at("args").at("item") != i || events["X"][i].at("ts") != i)
      FAIL("event " << i << " is wrong");
  }
}

}  // namespace
}  // namespace sluice::io
