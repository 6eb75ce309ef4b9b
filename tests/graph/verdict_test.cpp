// What the verdict says of accounts whose limit is known.
#include "graph/account/verdict.h"

#include "graph/account/device.h"
#include "graph/account/table.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// Ten seconds on two threads with nothing in them.
AccountRecord idle() {
  const auto image = [](const char* name, Lane lane) {
    return NodeRecord{.name = name,
                      .place = "cpu",
                      .unit = "image",
                      .lane = lane,
                      .items_in = 1000,
                      .items_out = 1000,
                      .run_seconds = 10.0};
  };
  const auto batch = [](const char* name, Lane lane) {
    return NodeRecord{.name = name,
                      .place = "cpu",
                      .unit = "batch",
                      .lane = lane,
                      .items_in = 10,
                      .items_out = 10,
                      .run_seconds = 10.0};
  };
  NodeRecord ahead = image("sampler", Lane::own);
  ahead.blocked_seconds = 10.0;  // for a slot: it always is
  return {.nodes = {ahead, image("read", Lane::threads), image("decode", Lane::threads),
                    batch("forward", Lane::step), batch("backward", Lane::step),
                    batch("report", Lane::own)},
          .overheads = {{"scheduler", 0.1}},
          .wall_seconds = 10.0,
          .threads = 2};
}

enum Node { sampler, read, decode, forward, backward, report };

void work(AccountRecord& account, Node node, double busy, double cpu) {
  account.nodes[node].busy_seconds = busy;
  account.nodes[node].cpu_seconds = cpu;
}

TEST_CASE("a device that is always busy limits, with the rate that preparation has to spare",
          "[graph][verdict]") {
  AccountRecord account = idle();
  for (const Node node : {forward, backward}) account.nodes[node].place = "waiting";
  work(account, decode, 8.0, 8.0);
  work(account, forward, 3.0, 0.0);
  work(account, backward, 6.8, 0.0);
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.limiting_node == "backward");
  CHECK(verdict.resource == "step");
  CHECK(verdict.headroom_percent == Approx(100 * (0.98 / 0.405 - 1)));
}

TEST_CASE("of a device it is said who waited for whom", "[graph][verdict]") {
  AccountRecord account = idle();
  CHECK(!graph::device_waits(account));  // on the CPU nobody waits for a device
  for (const Node node : {forward, backward}) account.nodes[node].place = "gpu";
  work(account, decode, 8.0, 8.0);
  work(account, forward, 3.0, 0.0);
  work(account, backward, 6.8, 0.0);
  account.nodes[forward].starved_seconds = 0.1;  // of the 0.2 s that the device was idle
  account.nodes[forward].blocked_seconds = 9.6;
  CHECK_THAT(graph::verdict(account).text,
             Catch::EndsWith("; the GPU waited for data 1 %, data waited for the GPU 96 %"));

  // Slower data: they never wait, and the device is idle for most of the time.
  work(account, forward, 1.0, 0.0);
  work(account, backward, 2.0, 0.0);
  account.nodes[forward].starved_seconds = 9.9;
  account.nodes[forward].blocked_seconds = 0.0;
  CHECK_THAT(graph::verdict(account).text,
             Catch::EndsWith("; the GPU waited for data 70 %, data waited for the GPU 0 %"));
  account.nodes[forward].place = account.nodes[backward].place = "waiting";
  CHECK_THAT(graph::verdict(account).text, Catch::Contains("the device waited for data 70 %"));
}

TEST_CASE("the table names what a device did", "[graph][verdict]") {
  AccountRecord account = idle();
  account.devices.push_back({.place = "gpu",
                             .name = "NVIDIA H200",
                             .compute_seconds = 9.8,
                             .copy_seconds = 1.25,
                             .idle_seconds = 0.2,
                             .bytes_copied = 1'234'500'000,
                             .bytes_held = 2'000'000});
  CHECK_THAT(graph::table(account),
             Catch::Contains("gpu NVIDIA H200: computes 9.80 s, idle 0.20 s; copies 1234.5 MB in "
                             "1.25 s; holds 2.0 MB\n"));
}

TEST_CASE("full cores limit, and the node that takes most of them is named", "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, decode, 15.0, 14.5);
  work(account, forward, 4.0, 4.0);
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.limiting_node == "decode");
  CHECK(verdict.resource == "threads");
  CHECK(verdict.text.find("93 %") != std::string::npos);
}

TEST_CASE("a serial node that is always busy limits", "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, report, 9.7, 9.7);
  CHECK(graph::verdict(account).limiting_node == "report");
}

TEST_CASE("memory limits where images wait for it and the step has time", "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, decode, 5.0, 5.0);
  account.nodes[decode].blocked_seconds = 7.0;
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "memory");
  CHECK(verdict.limiting_node == "decode");
}

TEST_CASE("the disk limits where threads stand in read", "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, read, 16.0, 0.5);
  work(account, decode, 3.0, 3.0);
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "disk");
  CHECK(verdict.limiting_node == "read");
}

TEST_CASE("other processes limit where threads stand in nodes that should compute",
          "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, read, 1.0, 0.5);
  work(account, decode, 18.5, 9.0);
  CHECK(graph::verdict(account).resource == "other processes");
}

TEST_CASE("nothing stands out, or the run is too short to say", "[graph][verdict]") {
  AccountRecord account = idle();
  work(account, decode, 8.0, 8.0);
  CHECK(graph::verdict(account).resource == "nothing");
  CHECK(graph::verdict(account).limiting_node == "decode");
  account.wall_seconds = 0.5;
  CHECK(graph::verdict(account).limiting_node.empty());
  CHECK(graph::verdict({}).text.find("too short") != std::string::npos);
}

}  // namespace
}  // namespace sluice
