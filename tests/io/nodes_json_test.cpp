#include "io/nodes_json.h"

#include <string>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

AccountRecord everything() {
  AccountRecord account{
      .nodes = {{.name = "decode",
                 .place = "cpu",
                 .unit = "image",
                 .items_in = 12,
                 .items_out = 9,
                 .items_failed = 2,
                 .items_held = 1,
                 .run_seconds = 2.5,
                 .busy_seconds = 1.25,
                 .cpu_seconds = 1.125,
                 .starved_seconds = 0.5,
                 .blocked_seconds = 0.25,
                 .queued_seconds = 0.125,
                 .p50_ms = 1.5,
                 .p90_ms = 2.5,
                 .p99_ms = 3.5,
                 .bytes_held_max = 4096},
                {.name = "n\xff%", .place = "gpu", .unit = "batch", .lane = Lane::step},
                {.name = "report", .place = "cpu", .unit = "batch", .lane = Lane::own}},
      .overheads = {{"scheduler", 0.25}},
      .devices = {{.place = "gpu", .name = "a device", .compute_seconds = 1.5, .bytes_held = 7}},
      .wall_seconds = 3.0,
      .cpu_seconds_process = 1.5,
      .threads = 2,
      .process = {.cpu_user_seconds = 1.0, .minor_faults = 3, .resident_bytes_max = 1 << 20},
      .layers = {{.name = "conv1", .kind = "convolution", .steps = 4, .forward_seconds = 0.5}}};
  account.verdict = {.limiting_node = "decode",
                     .resource = "threads",
                     .text = "the cores limit for 90 % of the time",
                     .headroom_percent = 12.5,
                     .next_limit = "disk",
                     .rate = {.images_per_second = 30.0, .error = 0.5},
                     .remedies = {{.action = "threads",
                                   .text = "2 threads more",
                                   .how = "--threads 4",
                                   .rate = {.images_per_second = 58.0, .error = 2.0}}}};
  return account;
}

std::string document() {
  return nodes_json(everything(), {.versions = {{"sluice", "1.2"}}, .cpu = "a processor"});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("an account that was written is read back as it was", "[io][nodes-json]") {
  const NodesFile read = parse_nodes_json(document(), "nodes.json");
  CHECK(nodes_json(read.account, read.machine) == document());
  CHECK(read.account.nodes[1].name == "n\xff%");
  CHECK(read.account.nodes[1].lane == Lane::step);
  CHECK(read.account.gap_percent() == Approx(everything().gap_percent()));
  CHECK(read.machine.cpu == "a processor");
  CHECK(read.machine.versions.at("sluice") == "1.2");
}

TEST_CASE("a file of an account that lacks something says what, in one line", "[io][nodes-json]") {
  const auto said = [](const std::string& text) {
    return test::thrown([&] { (void)parse_nodes_json(text, "RUN/nodes.json"); });
  };
  CHECK(said("{") == "2: RUN/nodes.json: is no JSON document");
  CHECK(said("[]") == "2: RUN/nodes.json: the document is no JSON object");
  CHECK(said("{}").starts_with("2: RUN/nodes.json: "));
  CHECK(said(replaced(document(), "\"busy_seconds\"", "\"lazy_seconds\"")) ==
        "2: RUN/nodes.json: nodes[0].busy_seconds is missing");
  CHECK(said(replaced(document(), "\"items_in\": 12", "\"items_in\": -12")) ==
        "2: RUN/nodes.json: nodes[0].items_in is not a whole number from 0 to 9007199254740992");
  CHECK(said(replaced(document(), "\"lane\": \"step\"", "\"lane\": \"fast\"")) ==
        "2: RUN/nodes.json: nodes[1].lane = 'fast'; valid: threads, step, own");
  CHECK(said(replaced(document(), "\"how\": \"--threads 4\"", "\"how\": 4")) ==
        "2: RUN/nodes.json: verdict.remedies[0].how is not text");
  CHECK(said(replaced(document(), "\"threads\": 2", "\"threads\": 2000000")) ==
        "2: RUN/nodes.json: threads = 2000000; valid: 0 to 1000000");
  CHECK(said(replaced(document(), "\"scheduler\": 0.25", "\"scheduler\": null")) ==
        "2: RUN/nodes.json: account.cpu_seconds_overheads.scheduler is not a number");
}

TEST_CASE("an account that is not there is a mistake of the caller", "[io][nodes-json]") {
  const test::TempFolder folder;
  const auto said = test::thrown([&] { (void)read_nodes_json(folder / "nodes.json"); });
  CHECK(said.starts_with("2: " + (folder / "nodes.json").string() + ": "));
  (void)folder.add("nodes.json", document());
  CHECK(read_nodes_json(folder / "nodes.json").account.threads == 2);
}

}  // namespace
}  // namespace sluice::io
