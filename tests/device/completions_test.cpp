// Who is told what when a device is lost. Marks that could not be set stand for a device.
#include "runtime/backend/cudnn/cuda/completions.h"

#include <atomic>
#include <vector>

#include "tests/support/catch.h"

namespace sluice::cudnn::cuda {
namespace {

std::string text_of(const std::exception_ptr& cause) {
  if (cause == nullptr) return {};
  try {
    std::rethrow_exception(cause);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("functions are called in order, once each, also those that they add", "[device][tell]") {
  std::vector<int> order;  // written by one thread, read when it has ended
  {
    Completions completions(std::make_shared<Health>());
    for (int i = 0; i < 50; ++i) {
      completions.add(nullptr, [&, i](const std::exception_ptr& cause) {
        order.push_back(cause == nullptr ? i : -1);
        if (i == 49) {
          completions.add(nullptr, [&](const std::exception_ptr&) { order.push_back(50); });
        }
      });
    }
  }
  REQUIRE(order.size() == 51);
  for (int i = 0; i < 51; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("the first failure is what everybody is told from then on", "[device][tell]") {
  const auto health = std::make_shared<Health>();
  CHECK(health->guard([] { return 3; }) == 3);
  CHECK_THROWS_WITH(health->guard([] { fail(ErrorKind::run, "the first"); }), "the first");
  CHECK_THROWS_WITH(health->guard([] { fail(ErrorKind::run, "the second"); }), "the first");
  std::string told;
  {
    Completions completions(health);
    completions.add(nullptr, [&](const std::exception_ptr& cause) { told = text_of(cause); });
  }
  CHECK(told == "the first");
}

TEST_CASE("a caller's mistake loses no device", "[device][tell]") {
  Health health;
  CHECK_THROWS_AS(health.guard([] { require(false, "a mistake"); }), Error);
  CHECK(health.cause() == nullptr);
}

}  // namespace sluice::cudnn::cuda
