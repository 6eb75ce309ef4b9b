#include "graph/account/student.h"

#include <cmath>

#include "graph/account/other_chain.h"
#include "tests/graph/made_account.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

TEST_CASE("a mean's interval is Student's", "[graph][student]") {
  const graph::MeanOf mean = graph::mean_of({1.0, 2.0, 3.0});
  CHECK(mean.mean == Approx(2.0));
  CHECK(mean.half_interval == Approx(4.303 / std::sqrt(3.0)));
  CHECK_FALSE(graph::mean_of({5.0}).known());
  CHECK(graph::mean_of({5.0}).mean == 5.0);
  CHECK(graph::student(1) == 12.71);
  CHECK(graph::student(1000) == graph::student(20));
}

TEST_CASE("what both members of a pair have in common is no noise of their difference",
          "[graph][student]") {
  const graph::MeanOf difference = graph::mean_difference({10.0, 500.0, 30.0}, {11.0, 501.1, 30.9});
  CHECK(difference.mean == Approx(1.0));
  CHECK(difference.half_interval < 0.5);
}

TEST_CASE("another chain's cost takes the place of the run's own", "[graph][student]") {
  AccountRecord whole = test::idle_account();
  test::work(whole, "decode", {.busy = 6.6});  // a tenth longer beside the net than alone
  test::work(whole, "flip", {.busy = 3.3});
  test::work(whole, "backward", {.busy = 9.9});
  const AccountRecord own = [] {
    AccountRecord account = test::idle_account();
    test::work(account, "decode", {.busy = 6.0});
    test::work(account, "flip", {.busy = 3.0});
    return account;
  }();
  AccountRecord other = own;
  test::work(other, "flip", {.busy = 0.0});
  const Rate rate{.images_per_second = 100.0};
  const graph::ChainRuns same{.whole = whole, .rate = rate, .own = own, .other = own};
  CHECK(graph::rate_with_chain(same).images_per_second == Approx(100.0).epsilon(0.02));
  // 19.8 s of CPU become 16.5.
  const graph::ChainRuns without{.whole = whole, .rate = rate, .own = own, .other = other};
  CHECK(graph::rate_with_chain(without).images_per_second == Approx(120.0).epsilon(0.03));
  CHECK(graph::rate_with_chain({whole, rate, {}, other}).images_per_second == 0.0);
}

}  // namespace
}  // namespace sluice
