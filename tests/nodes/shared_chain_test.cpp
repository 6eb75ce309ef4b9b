// What several chains have in common at their begin, and what branches draw behind it.
#include "nodes/shared_chain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "graph/pipeline.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/watch.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Entries = std::vector<io::ChainEntry>;
using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

io::ChainEntry entry(const std::string& node, Parameters parameters = {},
                     const std::string& name = {}) {
  return {.node = node,
          .name = name.empty() ? node : name,
          .use = true,
          .parameters = std::move(parameters)};
}

io::ChainEntry member(const std::string& node, const std::string& group) {
  return entry(node, {{"in", group}});
}

std::size_t shared(const Entries& one, const Entries& two, const Statistics& of_one = {},
                   const Statistics& of_two = {}) {
  return shared_stages(std::array{StatedChain{one, of_one}, StatedChain{two, of_two}});
}

const io::ChainEntry kCrop = entry("random-crop", {{"side", std::int64_t{8}}});

TEST_CASE("chains share what they begin with: nodes, names and parameters", "[nodes][together]") {
  const Entries chain{entry("pad", {{"pixels", std::int64_t{2}}}), kCrop, entry("flip")};
  CHECK(shared(chain, chain) == 3);
  CHECK(shared(chain, {chain[0], chain[1]}) == 2);
  CHECK(shared(chain, {chain[0], entry("flip"), chain[1]}) == 1);
  CHECK(shared({entry("scale", {{"divisor", 5.0}})},
               {entry("scale", {{"divisor", std::int64_t{5}}})}) == 1);
  CHECK(shared(chain, {entry("pad", {{"pixels", std::int64_t{3}}}), kCrop}) == 0);
  CHECK(shared(chain, {entry("pad", {{"pixels", std::int64_t{2}}}, "border"), kCrop}) == 0);
  Entries without = chain;
  without.insert(without.begin(), entry("grey"));
  without.front().use = false;
  CHECK(shared(chain, without) == 3);
  const Statistics none;
  const std::array three{StatedChain{chain, none}, StatedChain{chain, none},
                         StatedChain{without, none}};
  CHECK(shared_stages(three) == 3);
}

TEST_CASE("a group is shared with all its members or not at all", "[nodes][together]") {
  const Entries group{entry("some-of", {{"count", std::int64_t{2}}}, "some"),
                      member("flip", "some"), member("invert", "some"), kCrop};
  CHECK(shared(group, group) == 3);  // two places of the group, and the crop
  Entries other = group;
  other[2] = member("grey", "some");
  CHECK(shared(group, other) == 0);
  other = group;
  other.erase(other.begin() + 2);
  other[0].parameters = {{"count", std::int64_t{1}}};
  CHECK(shared(group, other) == 0);
}

TEST_CASE("a node that takes statistics is shared where they are the same", "[nodes][together]") {
  const Entries chain{entry("flip"), entry("mean", {{"from", std::string("rgb")}}), kCrop};
  const Statistics one{.images = 1, .mean_rgb = {1, 2, 3}};
  const Statistics two{.images = 1, .mean_rgb = {1, 2, 4}};
  CHECK(shared(chain, chain, one, one) == 3);
  CHECK(shared(chain, chain, one, two) == 1);
  CHECK(shared({chain[0], chain[2]}, {chain[0], chain[2]}, one, two) == 2);
}

// The rows of all batches of a branch.
graph::BatchStream rows_into(std::vector<float>& rows, graph::ImageStream images,
                             const Entries& chain, std::size_t from) {
  graph::Chain rest = make_chain(chain, {});
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(from));
  return std::move(images) | std::move(rest) | Collate{.side = 8} |
         Watch{[&rows](const graph::Batch& batch) {
           rows.insert(rows.end(), batch.rows.begin(), batch.rows.end());
         }};
}

TEST_CASE("branches draw the same for nodes of one name, shared or not", "[nodes][together]") {
  const int threads = GENERATE(1, 2, 4);
  const Entries plain{entry("pad", {{"pixels", std::int64_t{2}}}), kCrop, entry("flip"),
                      entry("scale", {{"divisor", 5.0}})};
  Entries negative = plain;  // not a pixel moves, but the node stands before crop and flip
  negative.insert(negative.begin() + 1, entry("invert"));
  const std::size_t common = shared(plain, negative);
  REQUIRE(common == 1);
  std::vector<float> rows, negatives;
  graph::Chain trunk = make_chain(plain, {});
  trunk.resize(common);
  auto branches = graph::split(test::images(std::make_shared<test::World>()) | std::move(trunk), 2);
  std::vector<graph::BatchStream> streams;
  streams.push_back(rows_into(rows, std::move(branches[0]), plain, common));
  streams.push_back(rows_into(negatives, std::move(branches[1]), negative, common));
  Arena arena(threads);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000, .seed = 3},
                           std::move(streams));
  test::MemorySource source(24, 1);
  REQUIRE(pipeline.run(source) == graph::RunEnd::completed);
  REQUIRE(rows.size() == 24 * 8 * 8 * 3);
  std::size_t different = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (std::abs(negatives[i] - (51.0F - rows[i])) > 1e-4F) ++different;  // 51: 255 by 5
  CHECK(different == 0);
  CHECK(std::ranges::adjacent_find(rows, std::not_equal_to<>()) != rows.end());
}

}  // namespace
}  // namespace sluice::nodes
