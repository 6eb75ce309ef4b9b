#include "nodes/mix.h"

#include <set>

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

constexpr int kSide = 8;
constexpr std::size_t kRow = 8 * 8 * 3;

// A batch of three images and an empty row, as it stands behind `collate`.
struct Made {
  std::vector<float> values = std::vector<float>(4 * kRow, 0.0F);
  graph::Batch batch;

  explicit Made(std::uint32_t position) {
    batch.count = 3;
    batch.labels = {5, 6, 7, 0};
    batch.row_weights = {1, 1, 1, 0};
    batch.ids.resize(4);
    batch.ids.front().position = position;
    for (std::size_t row = 0; row < 3; ++row)
      std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(row * kRow), kRow,
                  static_cast<float>(row + 1));
    batch.rows = values;
  }
};

io::Recipe recipe_of(const char* mixup, const char* cutmix) {
  io::Recipe recipe;
  recipe.set("train.mixup", mixup);
  recipe.set("train.cutmix", cutmix);
  return recipe;
}

void run(const Mixtures& ways, Made& made, std::uint64_t seed = 1) {
  bool told = false;
  Mix{.ways = ways, .of = {.seed = seed, .side = kSide}}.run(
      made.batch, [&](std::exception_ptr error) { told = error == nullptr; });
  REQUIRE(told);
}

TEST_CASE("a mixed batch has the labels of the rows before, and shares of rows that count",
          "[nodes][mix]") {
  Made made(0);
  run(mixtures(recipe_of("0.4", "0")), made);
  CHECK(made.batch.other_labels == std::vector<std::int32_t>{7, 5, 6, 0});
  const float share = made.batch.other_shares[0];
  CHECK(made.batch.other_shares == std::vector<float>{share, share, share, 0.0F});
  CHECK(made.values[kRow] == Approx(2.0F + share * (1.0F - 2.0F)));
  CHECK(made.values[3 * kRow] == 0.0F);
}

TEST_CASE("mixtures follow from seed, epoch and position alone", "[nodes][mix]") {
  const Mixtures ways = mixtures(recipe_of("0.4", "1"));
  std::set<float> shares;
  for (std::uint32_t position = 0; position < 40; ++position) {
    Made one(position), again(position), other(position);
    run(ways, one);
    run(ways, again);
    run(ways, other, 2);
    CHECK(one.values == again.values);
    CHECK(one.batch.other_shares == again.batch.other_shares);
    CHECK(one.batch.other_shares != other.batch.other_shares);
    shares.insert(one.batch.other_shares[0]);
  }
  CHECK(shares.size() > 30);
}

TEST_CASE("with both ways each batch has one of them", "[nodes][mix]") {
  const Mixtures ways = mixtures(recipe_of("0.4", "1"));
  int boxes = 0;
  for (std::uint32_t position = 0; position < 200; ++position) {
    Made made(position);
    run(ways, made);
    const std::set<float> values(made.values.begin() + kRow, made.values.begin() + 2 * kRow);
    for (const float value : values) REQUIRE(value >= 1.0F);
    boxes += values.size() == 2 ? 1 : 0;  // CutMix leaves values as they were
  }
  CHECK(boxes > 60);
  CHECK(boxes < 140);
}

TEST_CASE("what cannot be mixed is refused", "[nodes][mix]") {
  CHECK_FALSE(mixtures(recipe_of("0", "0")).any());
  io::Recipe dumped = recipe_of("0.4", "0");
  dumped.set("run.dump", "somewhere");
  CHECK_THROWS_WITH(mixtures(dumped), Catch::Contains("one label a row"));
}

}  // namespace
}  // namespace sluice::nodes
