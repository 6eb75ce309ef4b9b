// Contact sheets: the same images through one or more chains, side by side. As a page that needs
// nothing else, and as one picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/image.h"

namespace sluice::io {

// One picture, and what was decided for it.
struct SheetCell {
  Image picture;                   // u8
  Extent extent;                   // of the image, of which the picture may be smaller
  std::string name;                // "draw 2", or the node behind which it was taken
  std::vector<std::string> words;  // a line a decision: "flip: mirrored"
  // Of an image of floats: the values that are shown as black and white.
  bool stretched = false;
  double black = 0.0;
  double white = 255.0;
};

// What one chain makes of one image.
struct SheetRow {
  std::string chain;
  std::vector<SheetCell> cells;
};

struct SheetImage {
  std::string path;
  std::string label;           // empty: the data have none
  std::vector<SheetRow> rows;  // a chain each, in the same order for all images
};

struct Sheet {
  std::string title;  // "3 images, 2 chains, seed 1"
  std::vector<SheetImage> images;
};

// Names, paths and labels may be any bytes.
std::string sheet_page(const Sheet& sheet);

// A u8 image of white cells with the decisions in small letters below each; characters beyond ASCII
// are question marks.
Image sheet_picture(const Sheet& sheet);

}  // namespace sluice::io
