// Many small planes beside one another in one picture. Pure; any thread.
#pragma once

#include <functional>

#include "nodes/run/picture_colours.h"
#include "runtime/image.h"

namespace sluice::nodes {

struct Tiles {
  int count = 1;
  Extent plane{1, 1};  // of each
  int columns = 1;
  int scale = 1;   // a plane's pixel is so many of the picture's, both ways
  int gap = 2;     // of the picture's pixels between tiles, and around them
  int blocks = 1;  // equal runs of tiles, each begins a row of its own
  int block_gap = 8;
};

// As many columns as make the picture about square. Small planes are enlarged to about 32 pixels,
// or, where they are few, as far as makes the picture about 240 wide.
Tiles square_tiles(int count, Extent plane);

// Throws Error{usage} for a picture of more than 2^28 pixels.
Extent extent_of(const Tiles& tiles);

// Where a tile's upper left corner is; left, then top.
Box box_of(const Tiles& tiles, int tile);

// A u8 picture, the ground between tiles white. `colour(tile, x, y)`: of a plane's pixel.
Image draw_tiles(const Tiles& tiles, const std::function<Rgb(int tile, int x, int y)>& colour);

}  // namespace sluice::nodes
