#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/report/letters.h"
#include "io/report/sheet.h"

namespace sluice::io {
namespace {

using report::kLetterHeight;
using report::kLetterWidth;
using report::Place;

constexpr int kGap = 8;  // pixels between cells, and around them
constexpr int kLine = kLetterHeight + 2;
constexpr int kNarrowest = 132;  // of a cell: 22 letters

// Broken at spaces where it can be, so that no line has more than `most` letters.
void add_lines(std::vector<std::string>& lines, std::string_view text, std::size_t most) {
  while (text.size() > most) {
    std::size_t end = text.rfind(' ', most);
    if (end == std::string_view::npos || end == 0) end = most;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(text[end] == ' ' ? end + 1 : end);
  }
  lines.emplace_back(text);
}

std::vector<std::string> lines_of(const SheetCell& cell, int width) {
  const auto most = static_cast<std::size_t>(width / kLetterWidth);
  std::vector<std::string> lines;
  add_lines(lines, fmt::format("{} {}x{}", cell.name, cell.extent.width, cell.extent.height), most);
  for (const std::string& words : cell.words) add_lines(lines, words, most);
  if (cell.stretched)
    add_lines(lines, fmt::format("shown from {:.4g} to {:.4g}", cell.black, cell.white), most);
  return lines;
}

int cell_width(const SheetCell& cell) { return std::max(cell.picture.extent().width, kNarrowest); }

Extent row_extent(const SheetRow& row) {
  Extent extent{kGap, 0};
  for (const SheetCell& cell : row.cells) {
    const int width = cell_width(cell);
    const int lines = static_cast<int>(lines_of(cell, width).size());
    extent.width += width + kGap;
    extent.height = std::max(extent.height, cell.picture.extent().height + 2 + lines * kLine);
  }
  return {extent.width, extent.height + kLine + kGap};
}

std::string title_of(const SheetImage& image) {
  return image.label.empty() ? image.path : fmt::format("{}  {}", image.label, image.path);
}

Extent sheet_extent(const Sheet& sheet) {
  Extent extent{kGap + static_cast<int>(sheet.title.size()) * kLetterWidth, kGap + 2 * kLine};
  for (const SheetImage& image : sheet.images) {
    extent.width =
        std::max(extent.width, 2 * kGap + static_cast<int>(title_of(image).size()) * kLetterWidth);
    extent.height += 2 * kLine;
    for (const SheetRow& row : image.rows) {
      const Extent of_row = row_extent(row);
      extent = {std::max(extent.width, of_row.width), extent.height + of_row.height};
    }
  }
  return extent;
}

void put(ConstImageView picture, ImageView to, Place place) {
  for (int y = 0; y < picture.extent.height; ++y)
    std::memcpy(to.u8(place.y + y) + place.x * kChannels, picture.u8(y), picture.row_bytes());
}

void put_row(const SheetRow& row, ImageView to, Place place) {
  report::write_letters(to, {place.x + kGap, place.y}, row.chain);
  Place cell_at{place.x + kGap, place.y + kLine};
  for (const SheetCell& cell : row.cells) {
    const int width = cell_width(cell);
    put(cell.picture.view(), to, cell_at);
    Place line_at{cell_at.x, cell_at.y + cell.picture.extent().height + 2};
    for (const std::string& line : lines_of(cell, width)) {
      report::write_letters(to, line_at, line);
      line_at.y += kLine;
    }
    cell_at.x += width + kGap;
  }
}

}  // namespace

Image sheet_picture(const Sheet& sheet) {
  Image picture(sheet_extent(sheet), PixelType::u8);
  const ImageView to = picture.view();
  std::memset(to.data, 255, image_bytes(to.extent, to.type));
  report::write_letters(to, {kGap, kGap}, sheet.title);
  Place place{0, kGap + 2 * kLine};
  for (const SheetImage& image : sheet.images) {
    report::write_letters(to, {kGap, place.y}, title_of(image));
    place.y += 2 * kLine;
    for (const SheetRow& row : image.rows) {
      put_row(row, to, place);
      place.y += row_extent(row).height;
    }
  }
  return picture;
}

}  // namespace sluice::io
