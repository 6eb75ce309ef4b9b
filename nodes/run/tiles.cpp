#include "nodes/run/tiles.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;
constexpr int kSmallSide = 32;      // pixels, about, that planes have at least
constexpr int kSmallPicture = 240;  // the same of a picture's width

int rows_of_block(const Tiles& tiles) {
  const int in_block = (tiles.count + tiles.blocks - 1) / tiles.blocks;
  return (in_block + tiles.columns - 1) / tiles.columns;
}

// A pixel of a plane, as a square of the picture.
void fill(ImageView picture, const Box& box, const Rgb& colour) {
  for (int y = box.top; y < box.bottom(); ++y) {
    std::uint8_t* to = picture.u8(y) + box.left * kChannels;
    for (int x = 0; x < box.extent.width; ++x)
      std::copy(colour.begin(), colour.end(), to + x * kChannels);
  }
}

}  // namespace

Tiles square_tiles(int count, Extent plane) {
  const double one_column = static_cast<double>(count) * plane.height / plane.width;
  const int columns = std::clamp(static_cast<int>(std::lround(std::sqrt(one_column))), 1, count);
  const int side = std::max(kSmallSide, kSmallPicture / columns);
  return {.count = count,
          .plane = plane,
          .columns = columns,
          .scale = std::max(1, side / std::max(plane.width, plane.height))};
}

Extent extent_of(const Tiles& tiles) {
  const std::int64_t across = std::int64_t{tiles.plane.width} * tiles.scale + tiles.gap;
  const std::int64_t down = std::int64_t{tiles.plane.height} * tiles.scale + tiles.gap;
  const std::int64_t width = tiles.gap + tiles.columns * across;
  const std::int64_t height = tiles.gap + tiles.blocks * rows_of_block(tiles) * down +
                              (tiles.blocks - 1) * std::int64_t{tiles.block_gap};
  require(width < kMostPixels && height < kMostPixels && width * height <= kMostPixels,
          "a picture of {} planes of {} x {} pixels is too large; valid: {} pixels in all",
          tiles.count, tiles.plane.width, tiles.plane.height, kMostPixels);
  return {static_cast<int>(width), static_cast<int>(height)};
}

Box box_of(const Tiles& tiles, int tile) {
  const int in_block = (tiles.count + tiles.blocks - 1) / tiles.blocks;
  const int block = tile / in_block, place = tile % in_block;
  const int row = block * rows_of_block(tiles) + place / tiles.columns;
  const Extent extent{tiles.plane.width * tiles.scale, tiles.plane.height * tiles.scale};
  return {.left = tiles.gap + place % tiles.columns * (extent.width + tiles.gap),
          .top = tiles.gap + row * (extent.height + tiles.gap) + block * tiles.block_gap,
          .extent = extent};
}

Image draw_tiles(const Tiles& tiles, const std::function<Rgb(int tile, int x, int y)>& colour) {
  Image picture(extent_of(tiles), PixelType::u8);
  const ImageView to = picture.view();
  std::memset(to.data, 255, image_bytes(to.extent, to.type));
  for (int tile = 0; tile < tiles.count; ++tile) {
    const Box box = box_of(tiles, tile);
    for (int y = 0; y < tiles.plane.height; ++y)
      for (int x = 0; x < tiles.plane.width; ++x)
        fill(to,
             {.left = box.left + x * tiles.scale,
              .top = box.top + y * tiles.scale,
              .extent = {tiles.scale, tiles.scale}},
             colour(tile, x, y));
  }
  return picture;
}

}  // namespace sluice::nodes
