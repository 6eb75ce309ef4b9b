#include "nodes/run/bad_files.h"

#include <vector>

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

graph::Batch batch_with(const std::vector<std::string>& bad) {
  graph::Batch batch;
  for (const std::string& path : bad) {
    batch.bad.push_back({.path = path, .node = "decode", .error = {"broken", 7}});
  }
  return batch;
}

TEST_CASE("a bad file is written once however often it is met", "[nodes][bad]") {
  std::vector<std::string> written;
  BadFiles bad([&](const graph::BadItem& item) { written.push_back(item.path); });
  for (int epoch = 0; epoch < 3; ++epoch) {
    bad.start_epoch({.images = 100, .max_bad = 0.5});
    bad.add(batch_with({"a.jpg", "b.jpg"}));
  }
  CHECK(written == std::vector<std::string>{"a.jpg", "b.jpg"});
  CHECK(bad.files() == 2);
}

TEST_CASE("training may have exactly the allowed share of bad files", "[nodes][bad]") {
  BadFiles bad([](const graph::BadItem&) {});
  bad.start_epoch({.images = 200, .max_bad = 0.01});
  CHECK_NOTHROW(bad.add(batch_with({"a.jpg", "b.jpg"})));
  try {
    bad.add(batch_with({"c.jpg"}));
    FAIL("nothing was refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::run);
    CHECK_THAT(error.what(), Catch::Matchers::Contains("3 of the epoch's 200") &&
                                 Catch::Matchers::Contains("a.jpg: broken"));
  }
}

}  // namespace
}  // namespace sluice::nodes
