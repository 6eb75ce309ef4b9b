#include "nodes/full_rows.h"

#include <limits>

#include "nodes/run/full_view.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

constexpr RowSizes::value_type kRow{5, 3};

Image numbered(Extent extent) {
  Image image(extent, PixelType::f32);
  for (int y = 0; y < extent.height; ++y)
    for (int i = 0; i < extent.width * kChannels; ++i)
      image.view().f32(y)[i] = static_cast<float>(y * 100 + i);
  return image;
}

TEST_CASE("a row is the middle of its image, of one channel or three", "[nodes][full]") {
  const RowSizes sizes{{2, 2}, kRow};
  const Image image = numbered({8, 6});
  for (const int channels : {1, 3}) {
    const CollateFull collate{.sizes = &sizes, .most_pixels = 20, .channels = channels};
    REQUIRE(collate.row_floats() == 20 * static_cast<std::size_t>(channels));
    std::vector<float> row(collate.row_floats(), -1.0F);
    REQUIRE(collate.store(image.view(), {.number = 1}, row).ok());
    for (int y = 0; y < kRow.height; ++y)
      for (int x = 0; x < kRow.width; ++x)
        for (int c = 0; c < channels; ++c)
          CHECK(row[static_cast<std::size_t>((y * kRow.width + x) * channels + c)] ==
                image.view().f32(y + 1)[(x + 1) * kChannels + c]);
    CHECK(row[static_cast<std::size_t>(kRow.pixels()) * static_cast<std::size_t>(channels)] ==
          -1.0F);
  }
}

TEST_CASE("an image smaller than its header promised is a bad item in one line", "[nodes][full]") {
  const RowSizes sizes{kRow};
  const CollateFull collate{.sizes = &sizes, .most_pixels = 15, .channels = 3};
  std::vector<float> row(collate.row_floats());
  const auto stored = collate.store(numbered({5, 2}).view(), {.number = 0}, row);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().message ==
        "the chain gave 5 x 2 pixels, less than the 5 x 3 that were expected of its header");
}

TEST_CASE("an image smaller than the net is told so", "[nodes][full]") {
  const RowSizes sizes{kRow};
  const CollateFull collate{.sizes = &sizes, .most_pixels = 15, .least_side = 3, .channels = 3};
  std::vector<float> row(collate.row_floats());
  const auto stored = collate.store(numbered({9, 2}).view(), {.number = 0}, row);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().message == "the chain gave 9 x 2 pixels, smaller than the net's 3 x 3");
}

TEST_CASE("packed rows follow one another, and the batch says their size", "[nodes][full]") {
  constexpr std::size_t kStride = 20 * 3, kFloats = 5 * 3 * 3;
  const RowSizes sizes{kRow, kRow, kRow};
  std::vector<float> memory(4 * kStride, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t i = 0; i < kFloats; ++i)
      memory[row * kStride + i] = static_cast<float>(row * 1000 + i);
  graph::Batch batch{.count = 3, .rows = memory, .ids = std::vector<graph::SampleId>(4)};
  bool done = false;
  PackRows pack{{.sizes = &sizes, .most_pixels = 20, .channels = 3}};
  pack.run(batch, [&](std::exception_ptr failure) { done = failure == nullptr; });
  CHECK(done);
  CHECK(batch.extent == kRow);
  for (std::size_t i = 0; i < 3 * kFloats; ++i)
    REQUIRE(memory[i] == static_cast<float>(i / kFloats * 1000 + i % kFloats));
}

TEST_CASE("sides are rounded down to the net's and a multiple of the step", "[nodes][full]") {
  CHECK(row_size({224, 224}, 224, 32) == Extent{224, 224});
  CHECK(row_size({255, 300}, 224, 32) == Extent{224, 288});
  CHECK(row_size({256, 1000}, 224, 32) == Extent{256, 992});
  CHECK(row_size({301, 227}, 224, 1) == Extent{301, 227});
  CHECK(row_size({223, 500}, 224, 32) == std::nullopt);
}

}  // namespace
}  // namespace sluice::nodes
