// How many rows fit a room, found with few compiles, against trying every number.
#include "nodes/run/net_memory.h"

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace sluice::test {
namespace {

using nodes::MemoryPart;
using nodes::NetMemory;

struct Counted {
  std::function<std::size_t(int)> bytes;
  int calls = 0;

  MemoryPart part(int count, std::vector<std::string> flags = {"--batch"}) {
    return {.flags = std::move(flags),
            .count = count,
            .bytes = bytes(count),
            .bytes_for = [this](int fewer) {
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
        const int found = nodes::count_that_fits(counted.part(rows), room);
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
    CHECK(nodes::count_that_fits(counted.part(200), room) ==
          tried_one_by_one(counted.bytes, 200, room));
  }
}

TEST_CASE("a refusal names every flag that would do alone", "[run][memory]") {
  Counted step{needs().front()}, curvature{needs().front()};
  NetMemory memory{.bytes = 300 + step.bytes(100) + curvature.bytes(500),
                   .parts = {step.part(100, {"--batch", "--micro-batch"}),
                             curvature.part(500, {"--curvature-images"})}};
  struct Row {
    std::size_t room, preparation;
    std::string said;
  };
  const std::size_t whole = memory.bytes;
  const std::vector<Row> rows = {
      // Either would do: 37 bytes an image.
      {whole - 370, 10'000,
       "valid: --batch 90, --micro-batch 90, --curvature-images 490, or a smaller --memory"},
      // Preparation is too small to help.
      {whole - 370, 370, "valid: --batch 90, --micro-batch 90, --curvature-images 490"},
      // The step may have one image, and still the second derivatives are too large.
      {300 + step.bytes(100) + curvature.bytes(10), 0, "valid: --curvature-images 10"},
      // Only both together.
      {300 + step.bytes(1) + curvature.bytes(1), 0,
       "valid: --micro-batch 1 with --curvature-images 1"},
      {2000, 10'000, "not even one image at once fits; valid: a smaller --memory"},
      {2000, 0,
       "not even one image at once fits, whatever --memory says; valid: a smaller net (--width)"}};
  for (const Row& row : rows) {
    CAPTURE(row.room, row.preparation);
    CHECK(nodes::what_would_fit(memory, {.bytes = row.room, .preparation = row.preparation}) ==
          row.said);
  }
}

TEST_CASE("parameters alone leave nothing to divide", "[run][memory]") {
  CHECK(nodes::what_would_fit({.bytes = 10}, {.bytes = 5, .preparation = 9}) ==
        "not even one image at once fits; valid: a smaller --memory");
}

TEST_CASE("parameters are counted with what training adds", "[run][memory]") {
  Net net{.name = "small", .channels = 2, .side = 3};
  net.layers = {{.name = "fc", .spec = FullyConnected{5}}, {.name = "loss", .spec = SoftmaxLoss{}}};
  CHECK(nodes::parameter_bytes(net, nodes::NetUse::evaluation) == 4 * (18 * 5 + 5));
  CHECK(nodes::parameter_bytes(net, nodes::NetUse::training) == 12 * (18 * 5 + 5));
}

}  // namespace sluice::test
