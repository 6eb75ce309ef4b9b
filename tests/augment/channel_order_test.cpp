#include "augment/channel_order.h"

#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::f32_image;
using sluice::test::u8_image;
using sluice::test::values;
using Floats = std::vector<float>;

TEST_CASE("channels come in the order that was decided", "[augment][channel-order]") {
  const Image bytes = u8_image({2, 1}, {1, 2, 3, 40, 50, 60});
  CHECK(values(applied(ChannelOrder{}, bytes, {{2, 1, 0}}).view()) == Floats{3, 2, 1, 60, 50, 40});
  CHECK(values(applied(ChannelOrder{}, bytes, {{1, 2, 0}}).view()) == Floats{2, 3, 1, 50, 60, 40});
  const Image floats = f32_image({1, 1}, {-0.5F, 300, 7});
  CHECK(values(applied(ChannelOrder{}, floats, {{2, 0, 1}}).view()) == Floats{7, -0.5F, 300});
  CHECK(ChannelOrder{}.affine({{1, 2, 0}})({10, 20, 30}) == Rgb{20, 30, 10});
  CHECK(ChannelOrder::Decision{{2, 1, 0}}.text() == "channels bgr");
}

TEST_CASE("each order of channels is drawn equally often", "[augment][channel-order]") {
  const auto number = [](const ChannelOrder::Decision& decision) {
    return decision.order[0] * 2 + (decision.order[1] > decision.order[2] ? 1 : 0);
  };
  const auto drawn = test::drawn_values(ChannelOrder{}, {9, 9}, number);
  CHECK(test::chi_square_even(drawn, 6) < test::kChiSquareBound);
  const ChannelOrder fixed{.choice = ChannelOrder::Choice::fixed, .order = channel_order_of("bgr")};
  Random random = test::some_random(3);
  CHECK(fixed.draw(random, {9, 9}) == ChannelOrder::Decision{{2, 1, 0}});
}

TEST_CASE("an order names each channel once", "[augment][channel-order]") {
  for (const char* wrong : {"", "rg", "rgg", "rgbr", "BGR"})
    CHECK_THROWS_WITH(channel_order_of(wrong), Catch::Contains("valid: random, rgb"));
  CHECK_THROWS_WITH((ChannelOrder{.order = {0, 0, 1}}.check()), Catch::Contains("twice"));
  CHECK_NOTHROW(ChannelOrder{}.check());
}
