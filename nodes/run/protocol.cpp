#include "nodes/run/protocol.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// Each view as it is, then all of them mirrored.
std::vector<View> and_mirrored(std::vector<View> views) {
  const std::size_t count = views.size();
  for (std::size_t i = 0; i < count; ++i) {
    views.push_back(views[i]);
    views.back().mirror = augment::Mirror::yes;
  }
  return views;
}

// Corners are a grid of 2; in the authors' order: upper left, upper right, middle, lower left,
// lower right.
std::vector<View> corners_and_middle() {
  return {{.grid = 2, .cell = 0},
          {.grid = 2, .cell = 1},
          {.grid = 1, .cell = 0},
          {.grid = 2, .cell = 2},
          {.grid = 2, .cell = 3}};
}

std::vector<View> grid_of(int side) {
  std::vector<View> views;
  for (int cell = 0; cell < side * side; ++cell) views.push_back({.grid = side, .cell = cell});
  return views;
}

const std::vector<Protocol>& all_protocols() {
  static const ProtocolPart kDense{};
  static const ProtocolPart kMultiCrop{.crops = and_mirrored(grid_of(5))};
  static const std::vector<Protocol> all = {
      {.name = "centre",
       .parts = {{.crops = {View{}}}},
       .help = "the square in the middle",
       .source = "Krizhevsky et al. 2012, table 1's note; the usual one-view test"},
      {.name = "squash",
       .parts = {{.frame = Frame::squashed, .crops = and_mirrored({View{}})}},
       .help = "the image resized to the net's side whatever its shape, and mirrored",
       .source = "a common shortcut, not of the papers"},
      {.name = "ten-crop",
       .parts = {{.crops = and_mirrored(corners_and_middle())}},
       .help = "the corners and the middle, and mirrored",
       .source = "Krizhevsky et al. 2012, section 4.1"},
      {.name = "dense",
       .parts = {kDense},
       .help = "the net over the whole image, its class map averaged, and mirrored",
       .source = "Simonyan and Zisserman 2015, section 3.2"},
      {.name = "multi-crop",
       .parts = {kMultiCrop},
       .help = "5 x 5 squares spread evenly, and mirrored",
       .source = "Simonyan and Zisserman 2015, sections 3.2 and 4.3"},
      {.name = "dense+multi-crop",
       .parts = {kDense, kMultiCrop},
       .help = "the mean of dense and multi-crop",
       .source = "Simonyan and Zisserman 2015, section 4.3"},
  };
  return all;
}

}  // namespace

std::span<const Protocol> protocols() { return all_protocols(); }

const Protocol& find_protocol(std::string_view name) {
  std::string valid;
  for (const Protocol& protocol : protocols()) {
    if (protocol.name == name) return protocol;
    valid += fmt::format("{}{}", valid.empty() ? "" : ", ", protocol.name);
  }
  fail(ErrorKind::usage, "--protocol '{}' is not known; valid: {}", name, valid);
}

Protocol with_flips(const Protocol& protocol) {
  require(protocol.name == "centre",
          "--flip-average goes with --protocol centre; '{}' averages mirrored views already",
          protocol.name);
  Protocol flipped = protocol;
  for (ProtocolPart& part : flipped.parts) part.crops = and_mirrored(std::move(part.crops));
  return flipped;
}

}  // namespace sluice::nodes
