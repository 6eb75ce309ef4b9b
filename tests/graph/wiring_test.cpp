// Mistakes that are found before the first batch.
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

template <graph::StepToken which>
struct TokenNode {
  static constexpr graph::NodeInfo info{
      .name = which == graph::StepToken::takes ? "taker" : "giver", .kind = graph::NodeKind::batch};
  static constexpr graph::StepToken token = which;
  void run(graph::Batch&, Completion done) { done(nullptr); }
};
using Taker = TokenNode<graph::StepToken::takes>;
using Giver = TokenNode<graph::StepToken::gives>;

void wire(graph::BatchStream stream, graph::PipelineOptions options = {}) {
  Arena arena(1);
  const graph::Pipeline pipeline(arena, options, std::move(stream));
}

TEST_CASE("a step token must be taken and given in turn", "[graph][wiring]") {
  const auto stream = [] { return test::ordinary_stream(std::make_shared<test::World>()); };
  CHECK_NOTHROW(wire(stream() | Taker{} | Giver{} | Taker{} | Giver{}));
  CHECK_THROWS_WITH(wire(stream() | Taker{}),
                    "'taker' takes the step token and no node behind it gives it back");
  CHECK_THROWS_WITH(wire(stream() | Giver{}),
                    "'giver' gives the step token back, but no node before it takes it");
  CHECK_THROWS_WITH(wire(stream() | Taker{} | Taker{} | Giver{}),
                    Catch::Contains("'taker' takes the step token that 'taker' still has"));
}

TEST_CASE("a node used twice needs a second name", "[graph][wiring]") {
  auto world = std::make_shared<test::World>();
  CHECK_THROWS_WITH(
      wire(test::images(world) | test::Enlarge{} | test::Enlarge{} | test::MemoryCollate{world}),
      "node 'enlarge' stands twice in one chain: name the second use differently");
  CHECK_NOTHROW(wire(test::images(world) | test::Enlarge{} |
                     graph::erase_augment(test::Enlarge{}, "enlarge-more") |
                     test::MemoryCollate{world}));
}

TEST_CASE("options out of range are refused", "[graph][wiring]") {
  const auto stream = [] { return test::ordinary_stream(std::make_shared<test::World>()); };
  CHECK_THROWS_WITH(wire(stream(), {.batch = 0}), "a batch of 0 rows: valid is 1 or more");
  CHECK_THROWS_WITH(wire(stream(), {.slots = 0}), "0 slots: valid is 1 or more");
  CHECK_THROWS_WITH(wire(stream(), {.max_pixels = 0}), "a limit of 0 pixels: valid is 1 or more");
}

TEST_CASE("branches of different splits do not make one pipeline", "[graph][wiring]") {
  Arena arena(1);
  std::vector<graph::BatchStream> streams;
  streams.push_back(test::ordinary_stream(std::make_shared<test::World>()));
  streams.push_back(test::ordinary_stream(std::make_shared<test::World>()));
  CHECK_THROWS_WITH(
      graph::Pipeline(arena, {}, std::move(streams)),
      "branch 2 comes from another source: branches of one pipeline come from one split");
  CHECK_THROWS_WITH(graph::Pipeline(arena, {}, std::vector<graph::BatchStream>()),
                    "a pipeline needs at least one branch");
}

}  // namespace
}  // namespace sluice
