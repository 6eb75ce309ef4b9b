// Draws that neighbours in the epoch's order share (the authors' code shares crops among 32).
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

struct Drawn {
  std::mutex mutex;
  std::map<std::uint64_t, int> uses;  // of each value
};

// Changes no pixel; notes what it drew.
struct NotesDraws {
  static constexpr graph::NodeInfo info{.name = "notes", .kind = graph::NodeKind::pixels};
  struct Decision {
    std::uint64_t bits = 0;
  };
  std::shared_ptr<Drawn> drawn;
  int group = 1;

  Decision draw(Random& random, Extent) const {
    const Decision decision{random.bits()};
    const std::lock_guard lock(drawn->mutex);
    ++drawn->uses[decision.bits];
    return decision;
  }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  void apply(ConstImageView from, const Decision&, ImageView to) const {
    for (int y = 0; y < from.extent.height; ++y)
      std::memcpy(to.u8(y), from.u8(y), static_cast<std::size_t>(from.extent.width) * 3);
  }
};

std::map<std::uint64_t, int> uses(int group, int samples) {
  const auto drawn = std::make_shared<Drawn>();
  const auto world = std::make_shared<test::World>();
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000},
                           test::images(world) | test::Cut{world} | NotesDraws{drawn, group} |
                               test::Tint{world} | test::MemoryCollate{world});
  test::MemorySource source(samples, 0);
  pipeline.run(source);
  return drawn->uses;
}

TEST_CASE("so many neighbours share a draw, and the rest of an epoch shares one too",
          "[graph][draws]") {
  const auto shared = uses(4, 10);
  REQUIRE(shared.size() == 3);
  std::multiset<int> sizes;
  for (const auto& [bits, count] : shared) sizes.insert(count);
  CHECK(sizes == std::multiset<int>{2, 4, 4});
}

TEST_CASE("without a group every sample has a draw of its own", "[graph][draws]") {
  CHECK(uses(1, 10).size() == 10);
}

}  // namespace
}  // namespace sluice
