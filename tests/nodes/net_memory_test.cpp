// How many rows fit a room, found with few compiles, against trying every number.
#include "nodes/run/net_memory.h"

#include <cmath>
#include <functional>
#include <string>

#include "tests/support/catch.h"

namespace sluice::test {
namespace {

using nodes::NetMemory;

struct Counted {
  std::function<std::size_t(int)> bytes;
  int calls = 0;

  NetMemory memory(int rows) {
    return {.bytes = bytes(rows), .rows = rows, .bytes_for = [this](int fewer) {
              ++calls;
              return bytes(fewer);
            }};
  }
};

int tried_one_by_one(const std::function<std::size_t(int)>& bytes, int rows, std::size_t room) {
  int fit = 0;
  for (int fewer = 1; fewer < rows && bytes(fewer) <= room; ++fewer) fit = fewer;
  return fit;
}

// A line, a line in steps, and one that bends as workspaces of small batches do.
std::vector<std::function<std::size_t(int)>> needs() {
  return {[](int rows) { return std::size_t{1000} + 37 * static_cast<std::size_t>(rows); },
          [](int rows) { return std::size_t{500} + 64 * static_cast<std::size_t>((rows + 7) / 8); },
          [](int rows) {
            return static_cast<std::size_t>(900.0 + 10.0 * rows + 60.0 * std::sqrt(rows));
          }};
}

}  // namespace

TEST_CASE("the rows that fit are found with few compiles", "[run][memory]") {
  for (const auto& bytes : needs()) {
    for (const int rows : {2, 3, 17, 128, 4096}) {
      for (std::size_t room = 400; room < bytes(rows); room += 1 + bytes(rows) / 40) {
        CAPTURE(rows, room);
        Counted counted{bytes};
        const int found = nodes::rows_that_fit(counted.memory(rows), room);
        CHECK(counted.calls <= 8);
        const int most = tried_one_by_one(bytes, rows, room);
        CHECK(found <= most);
        // Never one that does not fit, and not far from the most.
        CHECK(static_cast<double>(found) >= 0.9 * most - 1.0);
      }
    }
  }
}

TEST_CASE("where bytes are a line the most rows are found", "[run][memory]") {
  Counted counted{needs().front()};
  for (const std::size_t room : {1037U, 1500U, 2000U, 5000U}) {
    CAPTURE(room);
    CHECK(nodes::rows_that_fit(counted.memory(200), room) ==
          tried_one_by_one(counted.bytes, 200, room));
  }
}

TEST_CASE("a refusal names every flag, or says that nothing fits", "[run][memory]") {
  Counted counted{needs().front()};
  NetMemory memory = counted.memory(100);
  memory.flags = {"--batch", "--micro-batch"};
  CHECK(nodes::what_would_fit(memory, 1370) ==
        "valid: --batch 10, --micro-batch 10, or a smaller --memory");
  CHECK_THAT(nodes::what_would_fit(memory, 1000), Catch::Contains("not even one image"));
  CHECK_THAT(nodes::what_would_fit({.bytes = 10, .rows = 64}, 5),
             Catch::Contains("not even one image"));
}

TEST_CASE("parameters are counted with what training adds", "[run][memory]") {
  Net net{.name = "small", .channels = 2, .side = 3};
  net.layers = {{.name = "fc", .spec = FullyConnected{5}}, {.name = "loss", .spec = SoftmaxLoss{}}};
  CHECK(nodes::parameter_bytes(net, nodes::NetUse::evaluation) == 4 * (18 * 5 + 5));
  CHECK(nodes::parameter_bytes(net, nodes::NetUse::training) == 12 * (18 * 5 + 5));
}

}  // namespace sluice::test
