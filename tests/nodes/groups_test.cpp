#include <map>
#include <set>

#include "nodes/augment_chain.h"
#include "nodes/group_choice.h"
#include "nodes/group_stage.h"
#include "runtime/error.h"
#include "tests/nodes/drawn.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;
using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

io::ChainEntry entry(const std::string& node, const std::string& name, Parameters parameters) {
  return {.node = node, .name = name, .use = true, .parameters = std::move(parameters)};
}

io::ChainEntry border(const std::string& name, int pixels, const std::string& in) {
  Parameters parameters = {{"pixels", std::int64_t{pixels}}};
  if (!in.empty()) parameters.emplace_back("in", in);
  return entry("pad", name, parameters);
}

// A group of borders of 1, 2 and 4 pixels, so that the sum tells which were put on.
std::vector<io::ChainEntry> borders(io::ChainEntry group) {
  const std::string in = group.name;
  return {std::move(group), border("one", 1, in), border("two", 2, in), border("four", 4, in)};
}

std::string refusal(const std::vector<io::ChainEntry>& chain) {
  try {
    make_chain(chain, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

// How often each sum of borders comes.
std::map<int, int> sums(const graph::Chain& chain, std::uint32_t samples) {
  std::map<int, int> found;
  for (std::uint32_t sample = 0; sample < samples; ++sample) {
    Extent extent{10, 10};
    for (const auto& stage : chain)
      extent = stage->extent_after(decision_of(*stage, sample, extent), extent);
    ++found[(extent.width - 10) / 2];
  }
  return found;
}

TEST_CASE("one of the members is used, each as often", "[nodes][groups]") {
  const auto chain = make_chain(borders(entry("one-of", "border", {})), {});
  REQUIRE(chain.size() == 1);
  CHECK(chain[0]->name() == "border");
  const auto found = sums(chain, 3000);
  double chi_square = 0;
  for (const int sum : {1, 2, 4}) {
    REQUIRE(found.contains(sum));
    chi_square += (found.at(sum) - 1000.0) * (found.at(sum) - 1000.0) / 1000.0;
  }
  CHECK(found.size() == 3);
  CHECK(chi_square < 13.8);  // 0.1 % of samples of two degrees of freedom
}

TEST_CASE("some of the members are used, never one twice", "[nodes][groups]") {
  const auto two =
      make_chain(borders(entry("some-of", "border", {{"count", std::int64_t{2}}})), {});
  REQUIRE(two.size() == 2);
  CHECK(two[1]->name() == "border/2");
  std::set<int> found;
  for (const auto& [sum, count] : sums(two, 300)) found.insert(sum);
  CHECK(found == std::set<int>{3, 5, 6});
  const auto any = make_chain(
      borders(entry("some-of", "border", {{"count", std::int64_t{0}}, {"to", std::int64_t{3}}})),
      {});
  std::set<int> all;
  for (const auto& [sum, count] : sums(any, 600)) all.insert(sum);
  CHECK(all == std::set<int>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("members come in the recipe's order or in any", "[nodes][groups]") {
  std::map<std::string, int> orders;
  const GroupChoice listed{.members = 3, .least = 3, .most = 3};
  GroupChoice drawn = listed;
  drawn.order = Order::drawn;
  for (std::uint32_t sample = 0; sample < 3000; ++sample) {
    const Random random({.seed = 5, .sample = sample});
    std::string order;
    for (std::size_t place = 0; place < 3; ++place) {
      CHECK(chosen_at(listed, random, place) == place);
      order += std::to_string(chosen_at(drawn, random, place));
    }
    ++orders[order];
  }
  REQUIRE(orders.size() == 6);
  double chi_square = 0;
  for (const auto& [order, count] : orders) chi_square += (count - 500.0) * (count - 500.0) / 500.0;
  CHECK(chi_square < 20.5);  // 0.1 % of samples of five degrees of freedom
}

TEST_CASE("members that may repeat are drawn anew for each place", "[nodes][groups]") {
  const GroupChoice choice{.members = 3, .least = 2, .most = 2, .repeats = Repeats::may};
  std::map<int, int> found;
  for (std::uint32_t sample = 0; sample < 1800; ++sample) {
    const Random random({.seed = 5, .sample = sample});
    ++found[chosen_at(choice, random, 0) * 3 + chosen_at(choice, random, 1)];
    CHECK(chosen_at(choice, random, 2) == kNoMember);
  }
  REQUIRE(found.size() == 9);
  double chi_square = 0;
  for (const auto& [pair, count] : found) chi_square += (count - 200.0) * (count - 200.0) / 200.0;
  CHECK(chi_square < 26.1);  // 0.1 % of samples of eight degrees of freedom
}

TEST_CASE("a member that comes twice draws anew", "[nodes][groups]") {
  const auto colour = [] {
    auto chain = make_chain(
        std::vector{entry("pca-colour", "noise", {{"constants", std::string("authors")}})}, {});
    return Members{std::move(chain.front())};
  };
  Group group{.name = "twice", .info = {.name = "twice"}};
  group.choice = {.least = 2, .most = 2, .repeats = Repeats::may};
  const auto places = group_stages(group, colour());
  REQUIRE(places.size() == 2);
  const Image image = noise_image({9, 7}, 1);
  CHECK_FALSE(drawn_by(*places[0], 5, image) == drawn_by(*places[1], 5, image));
  CHECK(drawn_by(*places[0], 5, image).pixels == drawn_by(*colour()[0], 5, image).pixels);
}

TEST_CASE("a member draws what it would draw outside of its group", "[nodes][groups]") {
  const Parameters own = {{"constants", std::string("authors")}};
  Parameters member = own;
  member.emplace_back("in", std::string("colour"));
  const auto alone = make_chain(std::vector{entry("pca-colour", "noise", own)}, {});
  const auto group = make_chain(
      std::vector{entry("one-of", "colour", {}), entry("pca-colour", "noise", member)}, {});
  const Image image = noise_image({9, 7}, 1);
  const Drawn expected = drawn_by(*alone[0], 5, image), drawn = drawn_by(*group[0], 5, image);
  CHECK(drawn.pixels == expected.pixels);
  CHECK(drawn.text == "noise: " + expected.text);
}

TEST_CASE("a group has a probability, and its members have theirs", "[nodes][groups]") {
  auto chain = borders(entry("one-of", "border", {{"probability", 0.5}}));
  const auto half = sums(make_chain(chain, {}), 2000);
  CHECK(std::abs(half.at(0) - 1000) < 90);
  chain = borders(entry("one-of", "border", {}));
  chain[1].parameters.emplace_back("probability", 1e-9);
  const auto found = sums(make_chain(chain, {}), 300);
  CHECK_FALSE(found.contains(1));
  CHECK(found.contains(0));
  chain[0].parameters.emplace_back("probability", 0.999999);  // both: neither undoes the other
  CHECK_FALSE(sums(make_chain(chain, {}), 300).contains(1));
}

TEST_CASE("a group and its members are left out together", "[nodes][groups]") {
  auto chain = borders(entry("one-of", "border", {}));
  chain[0].use = false;
  CHECK(make_chain(chain, {}).empty());
  chain[0].use = true;
  chain[1].use = false;
  CHECK_FALSE(sums(make_chain(chain, {}), 100).contains(1));
  CHECK(evaluation_chain(chain).empty());
}

TEST_CASE("images have one size behind a group whose members agree", "[nodes][groups]") {
  std::vector<io::ChainEntry> chain = {entry("one-of", "border", {}), border("a", 2, "border"),
                                       border("b", 2, "border")};
  CHECK(extent_behind(chain, Extent{10, 10}) == Extent{14, 14});
  CHECK(extent_behind(borders(entry("one-of", "border", {})), Extent{10, 10}) == std::nullopt);
}

TEST_CASE("mistakes in groups name the group and what is valid", "[nodes][groups]") {
  CHECK_THAT(refusal({entry("one-of", "colour", {})}),
             Contains("augment.colour has no members") && Contains("in ="));
  auto chain = borders(entry("one-of", "border", {}));
  chain[2].parameters.back().second = std::string("boarder");
  CHECK_THAT(refusal(chain), Contains("augment.two.in") && Contains("did you mean 'border'?"));
  chain = borders(entry("one-of", "border", {}));
  chain[1].parameters.emplace_back("group", std::int64_t{4});
  CHECK_THAT(refusal(chain), Contains("augment.border.group"));
  chain = borders(entry("one-of", "border", {}));
  chain.insert(chain.begin() + 2, entry("flip", "flip", {}));
  CHECK_THAT(refusal(chain), Contains("augment.two.in") && Contains("right behind"));
  chain = borders(entry("one-of", "border", {}));
  chain.push_back(entry("one-of", "inner", {{"in", std::string("border")}}));
  CHECK_THAT(refusal(chain), Contains("augment.inner") && Contains("cannot be a member"));
  chain = borders(entry("one-of", "border", {}));
  chain.push_back(entry("scale", "scale", {{"in", std::string("border")}, {"divisor", 2.0}}));
  CHECK_THAT(refusal(chain), Contains("'scale' makes floats"));
  CHECK_THAT(refusal(borders(entry("some-of", "border", {{"count", std::int64_t{4}}}))),
             Contains("4 of 3 members"));
}

}  // namespace
}  // namespace sluice::nodes
