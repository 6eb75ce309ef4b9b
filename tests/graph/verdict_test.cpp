// What the verdict says of accounts whose limit is known: each rule with one that triggers it.
#include "graph/account/verdict.h"

#include "graph/account/device.h"
#include "graph/account/prediction.h"
#include "graph/account/table.h"
#include "tests/graph/made_account.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

using test::idle_account;
using test::node;
using test::work;

// An account whose threads compute all the time, most of it in decode.
AccountRecord full_cores() {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 0.6});
  work(account, "decode", {.busy = 14.0});
  work(account, "flip", {.busy = 5.0});
  return account;
}

const Remedy* remedy(const Verdict& verdict, const std::string& action) {
  for (const Remedy& found : verdict.remedies) {
    if (found.action == action) return &found;
  }
  return nullptr;
}

TEST_CASE("full cores limit, and the node that takes most of them is named", "[graph][verdict]") {
  const Verdict verdict = graph::verdict(full_cores());
  CHECK(verdict.resource == "cores");
  CHECK(verdict.limiting_node == "decode");
  CHECK_THAT(verdict.text, Catch::Contains("2 threads compute for 98 % of the time"));
  CHECK_THAT(verdict.text, Catch::Contains("decode takes 71 % of the nodes' CPU"));
  // Until decode costs no more than flip: 19.6 s of CPU become 10.6.
  CHECK(verdict.next_limit == "flip");
  CHECK(verdict.headroom_percent == Approx(100 * (19.6 / 10.6 - 1)));
  CHECK(verdict.rate.images_per_second == Approx(100));
  REQUIRE(remedy(verdict, "cores") != nullptr);
  CHECK(remedy(verdict, "cores")->text == "4 threads on 4 cores");
  CHECK(remedy(verdict, "cores")->how.empty());
  CHECK(remedy(verdict, "cores")->rate.images_per_second == Approx(192.3).epsilon(0.01));
}

TEST_CASE("a node that can be left out is a remedy with its measured cost", "[graph][verdict]") {
  AccountRecord account = full_cores();
  work(account, "decode", {.busy = 4.0});
  work(account, "flip", {.busy = 15.0});
  const Verdict verdict = graph::verdict(
      account, {},
      {.alternatives = {{"flip", "without flip", "--set augment.flip.use=false", 0.0},
                        {"decode", "half a decode", "--half", 0.5}}});
  CHECK(verdict.limiting_node == "flip");
  REQUIRE(verdict.remedies.size() == 3);
  CHECK(verdict.remedies[0].how == "--set augment.flip.use=false");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(100 * 19.6 / 4.6));
  CHECK(verdict.remedies[1].how == "--half");
  CHECK(verdict.remedies[1].rate.images_per_second == Approx(100 * 19.6 / 17.6));
  CHECK(verdict.remedies[2].action == "cores");
}

TEST_CASE("threads limit while cores are free", "[graph][verdict]") {
  AccountRecord account = full_cores();
  account.cores = 8;
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "threads");
  CHECK_THAT(verdict.text, Catch::Contains("2 of 8 cores used"));
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].how == "--threads 8");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(360).epsilon(0.1));
  CHECK(verdict.remedies[0].rate.error > 0.0);
  CHECK(verdict.next_limit == "cores");
  CHECK(verdict.headroom_percent > 200);
}

TEST_CASE("threads that stand in a node want to be more", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 4.0});
  work(account, "flip", {.busy = 15.5, .cpu = 0.2});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "threads");
  CHECK(verdict.limiting_node == "flip");
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].action == "threads");
  CHECK(verdict.remedies[0].rate.images_per_second > 300);
}

TEST_CASE("a device that is always busy limits, with the rate that preparation has to spare",
          "[graph][verdict]") {
  AccountRecord account = idle_account();
  test::put_step_on(account, "waiting");
  work(account, "decode", {.busy = 8.0});
  work(account, "forward", {.busy = 3.0, .cpu = 0.0});
  work(account, "backward", {.busy = 6.8, .cpu = 0.0});
  const Verdict verdict = graph::verdict(account, {}, {.batch = 100, .slots = 3, .stand_in = true});
  CHECK(verdict.limiting_node == "backward");
  CHECK(verdict.resource == "step");
  CHECK(verdict.next_limit == "cores");
  CHECK(verdict.headroom_percent == Approx(100 * (250 / 1.02 / 100 - 1)));
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].action == "device");
  CHECK(verdict.remedies[0].how == "--assume-step-ms 326");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(250 / 1.02));
}

TEST_CASE("a device and cores that are full at once are balanced", "[graph][verdict]") {
  AccountRecord account = idle_account();
  test::put_step_on(account, "gpu");
  work(account, "decode", {.busy = 19.2});
  work(account, "backward", {.busy = 9.7, .cpu = 0.0});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "balanced");
  CHECK_THAT(verdict.text, Catch::StartsWith("balanced"));
  work(account, "decode", {.busy = 17.0});
  CHECK(graph::verdict(account).resource == "step");
}

TEST_CASE("of a device it is said who waited for whom", "[graph][verdict]") {
  AccountRecord account = idle_account();
  CHECK(!graph::device_waits(account));  // on the CPU nobody waits for a device
  test::put_step_on(account, "gpu");
  work(account, "decode", {.busy = 8.0});
  work(account, "forward", {.busy = 3.0, .cpu = 0.0});
  work(account, "backward", {.busy = 6.8, .cpu = 0.0});
  node(account, "forward").starved_seconds = 0.1;  // of the 0.2 s that the device was idle
  node(account, "forward").blocked_seconds = 9.6;
  CHECK_THAT(graph::verdict(account).text,
             Catch::EndsWith("; the GPU waited for data 1 %, data waited for the GPU 96 %"));

  // Slower data: they never wait, and the device is idle for most of the time.
  work(account, "forward", {.busy = 1.0, .cpu = 0.0});
  work(account, "backward", {.busy = 2.0, .cpu = 0.0});
  node(account, "forward").starved_seconds = 9.9;
  node(account, "forward").blocked_seconds = 0.0;
  CHECK_THAT(graph::verdict(account).text,
             Catch::EndsWith("; the GPU waited for data 70 %, data waited for the GPU 0 %"));
  test::put_step_on(account, "waiting");
  CHECK_THAT(graph::verdict(account).text, Catch::Contains("the device waited for data 70 %"));
}

TEST_CASE("the table names what a device did", "[graph][verdict]") {
  AccountRecord account = idle_account();
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

TEST_CASE("the table ends with the rate, the remedies and the predictions", "[graph][verdict]") {
  AccountRecord account = full_cores();
  account.verdict = graph::verdict(account);
  account.predictions = {{.threads = 4,
                          .rate = {.images_per_second = 196.0, .error = 6.0},
                          .limit = "cores",
                          .needs_cores = true}};
  const std::string table = graph::table(account);
  CHECK_THAT(table, Catch::Contains("\nrate: 100.0 images/s; next limit flip, 85 % away\n"));
  CHECK_THAT(table, Catch::Contains("\n  4 threads on 4 cores: 192.3"));
  CHECK_THAT(table, Catch::EndsWith("predicted:\n     4 threads: 196.0 +- 6.0 images/s, cores "
                                    "limit (needs 4 cores)\n"));
}

TEST_CASE("a step on the CPU that takes the cores is named, and a device is the remedy",
          "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 2.0});
  work(account, "forward", {.busy = 3.0, .cpu = 5.0});
  work(account, "backward", {.busy = 6.9, .cpu = 12.5});
  const Verdict verdict = graph::verdict(account, {}, {.batch = 100});
  CHECK(verdict.resource == "cores");
  CHECK(verdict.limiting_node == "backward");
  REQUIRE(remedy(verdict, "device") != nullptr);
  CHECK(remedy(verdict, "device")->rate.images_per_second == Approx(1000).epsilon(0.05));
}

TEST_CASE("a step on the CPU limits by itself where it leaves threads idle", "[graph][verdict]") {
  AccountRecord account = idle_account();
  node(account, "sampler").blocked_seconds = 9.9;
  work(account, "decode", {.busy = 1.0});
  work(account, "forward", {.busy = 3.0, .cpu = 4.0});
  work(account, "backward", {.busy = 6.9, .cpu = 8.0});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "step");
  CHECK(verdict.limiting_node == "backward");
}

TEST_CASE("a serial node that is always busy limits", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 4.0});
  work(account, "report", {.busy = 9.7});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "report");
  CHECK(verdict.limiting_node == "report");
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].text == "a report that keeps up");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(500).epsilon(0.05));
  // On one thread it takes all of it, and is still what limits.
  account.threads = 1;
  account.cores = 1;
  work(account, "decode", {.busy = 0.2});
  CHECK(graph::verdict(account).limiting_node == "report");
}

TEST_CASE("memory limits where images wait for it and nothing else is full", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 9.5});
  node(account, "decode").blocked_seconds = 7.0;
  node(account, "decode").bytes_held_max = 50 << 20;
  const Verdict verdict = graph::verdict(
      account, {}, {.batch = 10, .slots = 2, .memory_bytes = 64 << 20, .image_bytes = 8 << 20});
  CHECK(verdict.resource == "memory");
  CHECK(verdict.limiting_node == "decode");
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].how == "--memory 464M");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(2000 / 9.5).epsilon(0.03));
  // Of a run whose images get half of what is added.
  const Verdict half = graph::verdict(account, {},
                                      {.batch = 10,
                                       .slots = 2,
                                       .memory_bytes = 64 << 20,
                                       .image_bytes = 8 << 20,
                                       .image_part = 0.5});
  CHECK(half.remedies.at(0).how == "--memory 848M");
}

TEST_CASE("with memory enough blocks are not mapped again, but a decoder's arrays are",
          "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 9.5});
  node(account, "decode").blocked_seconds = 7.0;
  account.process.cpu_user_seconds = 8.0;
  account.process.cpu_system_seconds = 2.0;
  account.process.minor_faults = 400'000;  // 400 an image, of 3 us
  const graph::RunFacts facts{
      .batch = 10, .slots = 2, .memory_bytes = 64 << 20, .image_bytes = 8 << 20};
  const Verdict blocks = graph::verdict(account, {}, facts);
  CHECK(blocks.remedies.at(0).rate.images_per_second == Approx(2000 / 8.3).epsilon(0.03));
  account.process.minor_faults = 40'000'000;
  const Verdict arrays = graph::verdict(account, {}, facts);
  CHECK(arrays.remedies.at(0).rate.images_per_second == Approx(2000 / 9.5).epsilon(0.03));
}

TEST_CASE("slots limit where all are taken and threads idle", "[graph][verdict]") {
  AccountRecord account = idle_account();
  test::put_step_on(account, "waiting");
  work(account, "decode", {.busy = 10.0});
  work(account, "backward", {.busy = 5.0, .cpu = 0.0});
  node(account, "sampler").blocked_seconds = 9.9;
  const Verdict verdict = graph::verdict(account, {}, {.batch = 10, .slots = 1});
  CHECK(verdict.resource == "slots");
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].how == "--slots 4");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(200).epsilon(0.05));
}

TEST_CASE("few slow images limit, whether they compute or wait", "[graph][verdict]") {
  for (const double cpu : {19.0, 4.0}) {
    AccountRecord account = idle_account();
    work(account, "decode", {.busy = 3.0});
    work(account, "flip", {.busy = 16.0, .cpu = cpu - 3.0});
    node(account, "flip").p50_ms = 0.5;
    node(account, "flip").p90_ms = 0.7;
    node(account, "flip").p99_ms = 1500;
    const Verdict verdict = graph::verdict(account);
    CHECK(verdict.resource == "slow images");
    CHECK(verdict.limiting_node == "flip");
    REQUIRE(!verdict.remedies.empty());
    CHECK(verdict.remedies[0].action == "images");
    CHECK(verdict.remedies[0].rate.images_per_second == Approx(100 * 19.0 / 3.5).epsilon(0.05));
  }
}

TEST_CASE("a broad mixture of sizes is no tail", "[graph][verdict]") {
  AccountRecord account = full_cores();
  node(account, "decode").p50_ms = 4.0;  // of a mean of 14
  node(account, "decode").p90_ms = 40.0;
  CHECK(graph::verdict(account).resource == "cores");
}

TEST_CASE("the disk limits where threads stand in read", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 16.8, .cpu = 0.5});
  work(account, "decode", {.busy = 3.0});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "disk");
  CHECK(verdict.limiting_node == "read");
  CHECK(verdict.next_limit == "cores");
  REQUIRE(remedy(verdict, "disk") != nullptr);
  CHECK(remedy(verdict, "disk")->rate.images_per_second == Approx(2000 / 3.5).epsilon(0.06));
  REQUIRE(remedy(verdict, "threads") != nullptr);
  CHECK(remedy(verdict, "threads")->rate.images_per_second > 300);
}

TEST_CASE("threads that no longer sleep find their caches warm", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 16.8, .cpu = 0.5});
  work(account, "decode", {.busy = 3.0});
  node(account, "decode").bytes_held_max = 4'000'000;  // 2 MB a thread: 0.15 ms of an image's 3.5
  account.process.voluntary_switches = 1000;           // one an image
  const Verdict cold = graph::verdict(account);
  REQUIRE(remedy(cold, "disk") != nullptr);
  CHECK(remedy(cold, "disk")->rate.images_per_second == Approx(2000 / 3.35).epsilon(0.06));
  account.process.voluntary_switches = 0;
  CHECK(remedy(graph::verdict(account), "disk")->rate.images_per_second <
        0.97 * remedy(cold, "disk")->rate.images_per_second);
}

TEST_CASE("more threads on a disk may gain nothing", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 16.8, .cpu = 0.5});
  work(account, "decode", {.busy = 3.0});
  const Verdict verdict = graph::verdict(account);
  REQUIRE(remedy(verdict, "threads") != nullptr);
  const Rate rate = remedy(verdict, "threads")->rate;
  CHECK(rate.images_per_second - rate.error <= Approx(verdict.rate.images_per_second));
  CHECK_THAT(remedy(verdict, "threads")->text, Catch::Contains("if the disk serves them"));
}

TEST_CASE("other processes limit where threads could compute and have no core",
          "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 0.8, .cpu = 0.5});
  work(account, "decode", {.busy = 19.0, .cpu = 12.8});
  account.process.run_delay_seconds = 6.5;
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "other processes");
  REQUIRE(!verdict.remedies.empty());
  CHECK(verdict.remedies[0].action == "other processes");
  CHECK(verdict.remedies[0].rate.images_per_second == Approx(150).epsilon(0.03));
  // Where the kernel does not tell the delay, standing in nodes that never wait is taken for it.
  account.process.run_delay_seconds = 0.0;
  CHECK(graph::verdict(account).resource == "other processes");
}

TEST_CASE("more threads than cores delay each other, and that is nobody else", "[graph][verdict]") {
  AccountRecord account = full_cores();
  account.threads = 4;
  for (const char* name : {"read", "decode", "flip"}) node(account, name).busy_seconds *= 2;
  account.process.run_delay_seconds = 19.5;
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "cores");
  CHECK(remedy(verdict, "other processes") == nullptr);
}

TEST_CASE("nothing stands out where nothing is full", "[graph][verdict]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 8.0});
  const Verdict verdict = graph::verdict(account);
  CHECK(verdict.resource == "balanced");
  CHECK(verdict.limiting_node == "decode");
  // What is offered gains over what was measured, not over what a full machine would give.
  const graph::RunFacts facts{
      .batch = 10,
      .slots = 3,
      .alternatives = {{.node = "nobody", .text = "without it", .cost = 0}}};
  for (const Remedy& offered : graph::verdict(account, {}, facts).remedies)
    CHECK(offered.action != "node");
  const auto same = graph::predict_threads(account, verdict.rate, {account.threads});
  CHECK(same.at(0).rate.images_per_second <= Approx(verdict.rate.images_per_second));
}

TEST_CASE("a run is too short to say by its time, its images or its error", "[graph][verdict]") {
  const auto says_so = [](const Verdict& verdict) {
    return verdict.resource.empty() && verdict.limiting_node.empty() && verdict.remedies.empty() &&
           verdict.text.find("too short") != std::string::npos;
  };
  CHECK(says_so(graph::verdict({})));
  AccountRecord account = full_cores();
  CHECK(!says_so(graph::verdict(account)));
  CHECK(says_so(graph::verdict(account, {}, {.batch = 500, .slots = 3})));
  const Timeline wild = test::timeline_of(account, {10, 300, 5, 400, 20, 10, 350, 5, 10, 200});
  CHECK(says_so(graph::verdict(account, wild)));
  account.wall_seconds = 0.5;
  CHECK(says_so(graph::verdict(account)));
}

TEST_CASE("a lead that is smaller than the rate's error is balance", "[graph][verdict]") {
  AccountRecord account = idle_account();
  test::put_step_on(account, "gpu");
  work(account, "decode", {.busy = 17.6});
  work(account, "backward", {.busy = 9.7, .cpu = 0.0});
  CHECK(graph::verdict(account).resource == "step");
  const Timeline unsteady =
      test::timeline_of(account, {70, 130, 70, 130, 70, 130, 70, 130, 70, 130});
  const Verdict verdict = graph::verdict(account, unsteady);
  CHECK(verdict.rate.error > 10);
  CHECK(verdict.resource == "balanced");
}

}  // namespace
}  // namespace sluice
