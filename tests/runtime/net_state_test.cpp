#include "runtime/net/net_state.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "runtime/error.h"
#include "runtime/random.h"
#include "tests/runtime/reversed_layout.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

Net small_net(const Start& start) {
  return {.name = "small",
          .channels = 4,
          .side = 6,
          .layers = {{"conv1", Conv2d{.out_channels = 32, .kernel = 3, .groups = 2}, start, "a"},
                     {"fc2", FullyConnected{10}, start, "b"},
                     {"loss", SoftmaxLoss{}, {}, ""}}};
}

double deviation(std::span<const float> values) {
  double sum = 0.0, square = 0.0;
  for (const float value : values) {
    sum += static_cast<double>(value);
    square += static_cast<double>(value) * static_cast<double>(value);
  }
  const double count = static_cast<double>(values.size());
  return std::sqrt(square / count - sum / count * sum / count);
}

}  // namespace

TEST_CASE("weights start as the layer says, from its own stream", "[runtime][net-state]") {
  const NetState state(small_net({.deviation = 0.25, .bias = 0.5}), 7);
  const std::vector<float> weights = state.read(2);
  CHECK(deviation(weights) == Approx(0.25).epsilon(0.05));
  Random random({.seed = 7, .stream = stream_id("start/fc2")});
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(weights[i] == static_cast<float>(0.25 * random.normal()));
  }
  CHECK(state.read(3) == std::vector<float>(10, 0.5F));
}

TEST_CASE("a start depends on the seed and the layer, not on other layers",
          "[runtime][net-state]") {
  Net net = small_net({});
  const NetState state(net, 7);
  CHECK(NetState(net, 7).read(0) == state.read(0));
  CHECK(NetState(net, 8).read(0) != state.read(0));
  net.layers[1].spec = FullyConnected{3};
  CHECK(NetState(net, 7).read(0) == state.read(0));
}

TEST_CASE("glorot and he starts follow the fans", "[runtime][net-state]") {
  const NetState glorot(small_net({.weights = Start::Weights::glorot_uniform}), 1);
  const std::vector<float> conv = glorot.read(0);        // 2 maps of 3x3 in, 32 of them out
  const double limit = std::sqrt(6.0 / (18.0 + 144.0));  // 16 of the maps are of an input's group
  const auto [low, high] = std::ranges::minmax_element(conv);
  CHECK(static_cast<double>(*low) >= -limit);
  CHECK(static_cast<double>(*high) <= limit);
  CHECK(static_cast<double>(*high) > 0.95 * limit);
  CHECK(static_cast<double>(*low) < -0.95 * limit);

  const NetState he(small_net({.weights = Start::Weights::he_normal}), 1);
  CHECK(deviation(he.read(2)) == Approx(std::sqrt(2.0 / 512.0)).epsilon(0.05));
}

TEST_CASE("values read the same in every layout", "[runtime][net-state]") {
  NetState state(small_net({}), 3);
  state.prepare_training();
  const std::vector<float> before = state.read(2);
  state.parameters()[2].gradient.values()[1] = 4.0F;
  state.parameters()[2].velocity.values()[2] = 5.0F;
  const std::uint64_t version = state.version;

  state.set_layout(2, std::make_shared<test::ReversedLayout>(before.size()));
  CHECK(state.read(2) == before);
  CHECK(state.version != version);
  Parameter& parameter = state.parameters()[2];
  CHECK(parameter.values.values().size() == before.size() + 3);
  CHECK(parameter.values.values()[0] == before.back());
  CHECK(parameter.gradient.values()[before.size() - 2] == 4.0F);
  CHECK(parameter.velocity.values()[before.size() - 3] == 5.0F);

  std::vector<float> changed = before;
  changed[0] = 9.0F;
  state.write(2, changed);
  CHECK(state.read(2) == changed);
  state.set_layout(2, std::make_shared<CanonicalLayout>(parameter.info.shape));
  CHECK(std::ranges::equal(state.parameters()[2].values.values(), changed));
}

TEST_CASE("gradients and velocities exist once training asks for them", "[runtime][net-state]") {
  NetState state(small_net({}), 3);
  const std::size_t evaluation = state.bytes();
  CHECK(state.parameters()[0].gradient.values().empty());
  state.prepare_training();
  CHECK(state.bytes() == 3 * evaluation);
  state.parameters()[0].velocity.values()[0] = 2.0F;
  state.prepare_training();
  CHECK(state.parameters()[0].velocity.values()[0] == 2.0F);
}

TEST_CASE("writing raises the version and refuses a wrong size", "[runtime][net-state]") {
  NetState state(small_net({}), 3);
  const std::uint64_t version = state.version;
  state.write(1, std::vector<float>(32, 1.0F));
  CHECK(state.version > version);
  CHECK_THROWS_WITH(state.write(1, std::vector<float>(31)), Catch::Contains("a.bias"));
}

TEST_CASE("two programs in one state at once are refused", "[runtime][net-state]") {
  NetState state(small_net({}), 3);
  std::optional<ProgramLock> lock(state);
  CHECK_THROWS_AS(ProgramLock(state), Error);
  lock.reset();
  CHECK_NOTHROW(ProgramLock(state));
}

}  // namespace sluice
