#include <cmath>
#include <map>

#include "nodes/augment_chain.h"
#include "nodes/augment_space.h"
#include "tests/nodes/drawn.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

double value_of(const std::vector<io::ChainEntry>& entries, std::size_t at,
                const std::string& name) {
  for (const auto& [key, value] : entries.at(at).parameters) {
    if (key != name) continue;
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  }
  FAIL("no parameter " << name);
  return 0;
}

// Of "rand-augment/rotate: turned by ...".
std::string operation_of(const std::string& text) {
  const std::string name = text.substr(0, text.find(':'));
  return name.substr(name.find('/') + 1);
}

std::map<std::string, int> operations(const graph::AugmentStage& stage, std::uint32_t samples) {
  std::map<std::string, int> found;
  for (std::uint32_t sample = 0; sample < samples; ++sample)
    ++found[operation_of(stage.text(decision_of(stage, sample, {40, 30})))];
  return found;
}

double chi_square(const std::map<std::string, int>& found, double expected) {
  double sum = 0;
  for (const auto& [name, count] : found) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST_CASE("RandAugment's operations have torchvision's strengths", "[nodes][groups]") {
  const auto entries = augment_space(rand_augment_space(), 9, {});
  REQUIRE(entries.size() == 28);
  CHECK(entries[1].name == "shear-x");
  // 0.3 * 9 / 30 as the slant's tangent; 150 / 331 * 0.3; 9 degrees; 1 +- 0.27.
  CHECK(value_of(entries, 1, "x") == Approx(std::atan(0.09) * 180.0 / 3.14159265358979));
  CHECK(value_of(entries, 15, "x") == Approx(-value_of(entries, 1, "x")));
  CHECK(value_of(entries, 3, "x") == Approx(0.1359516616));
  CHECK(value_of(entries, 5, "degrees") == Approx(9.0));
  CHECK(value_of(entries, 6, "factor") == Approx(1.27));
  CHECK(value_of(entries, 20, "factor_to") == Approx(0.73));
  CHECK(value_of(entries, 10, "bits") == 7);
  CHECK(value_of(entries, 11, "threshold") == Approx(178.5));
  const auto least = augment_space(wide_space(1.0 / 7.0), 0, {});
  const auto most = augment_space(wide_space(1.0 / 7.0), 30, {});
  CHECK(value_of(least, 10, "bits") == 8);
  CHECK(value_of(least, 11, "threshold") == 255);
  CHECK(value_of(most, 10, "bits") == 2);
  CHECK(value_of(most, 11, "threshold") == 0);
  CHECK(value_of(most, 5, "degrees") == Approx(135.0));
}

TEST_CASE("RandAugment draws each of its operations as often, anew each time", "[nodes][groups]") {
  const auto chain =
      make_chain(std::vector{entry("rand-augment", {{"count", std::int64_t{2}}})}, {});
  REQUIRE(chain.size() == 2);
  CHECK(chain[1]->name() == "rand-augment/2");
  const Image image = noise_image({12, 9}, 1);
  int same = 0;
  constexpr std::uint32_t kSamples = 2800;
  for (const auto& stage : chain) {
    const auto found = operations(*stage, kSamples);
    REQUIRE(found.size() == 14);
    CHECK(chi_square(found, kSamples / 14.0) < 34.5);  // 0.1 % at thirteen degrees of freedom
  }
  for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
    const auto one = chain[0]->text(decision_of(*chain[0], sample, {40, 30}));
    const auto two = chain[1]->text(decision_of(*chain[1], sample, {40, 30}));
    same += operation_of(one) == operation_of(two) ? 1 : 0;
  }
  CHECK(std::abs(same - 200) < 55);  // four deviations
  for (std::uint32_t sample = 0; sample < 60; ++sample)
    CHECK(drawn_by(*chain[0], sample, image).extent == Extent{12, 9});
}

TEST_CASE("TrivialAugment draws each operation as often", "[nodes][groups]") {
  const auto chain = make_chain(std::vector{entry("trivial-augment", {})}, {});
  REQUIRE(chain.size() == 1);
  const auto found = operations(*chain[0], 2800);
  REQUIRE(found.size() == 14);
  CHECK(chi_square(found, 200.0) < 34.5);
}

}  // namespace
}  // namespace sluice::nodes
