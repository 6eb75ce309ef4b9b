// What the verdict says of accounts whose limit is known.
#include "graph/account/verdict.h"

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
