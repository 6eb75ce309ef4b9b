#include "nodes/run/filter_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "nodes/run/picture_folder.h"
#include "nodes/run/tiles.h"

namespace sluice::nodes {
namespace {

constexpr int kTileSide = 36;  // pixels, about
constexpr int kFewSide = 60;   // the same where kernels are few

// Runs of a convolution's maps that the next one sees apart.
int towers_behind(const Net& net, std::size_t layer, int kernels) {
  for (std::size_t i = layer + 1; i < net.layers.size(); ++i) {
    const auto* conv = std::get_if<Conv2d>(&net.layers[i].spec);
    if (conv != nullptr) return kernels % conv->groups == 0 ? conv->groups : 1;
  }
  return 1;
}

int columns_for(int kernels) { return kernels <= 8 ? kernels : kernels <= 32 ? 8 : 16; }

}  // namespace

std::optional<std::size_t> first_convolution(const Net& net) {
  if (net.channels != 1 && net.channels != kChannels) return std::nullopt;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const auto* conv = std::get_if<Conv2d>(&net.layers[i].spec);
    if (conv != nullptr) return conv->groups == 1 ? std::optional(i) : std::nullopt;
  }
  return std::nullopt;
}

FilterPicture filter_picture(const Net& net, std::size_t layer, std::span<const float> weights) {
  const Conv2d& conv = std::get<Conv2d>(net.layers[layer].spec);
  const int side = conv.kernel, channels = net.channels, kernels = conv.out_channels;
  const int towers = towers_behind(net, layer, kernels);
  const auto size = static_cast<std::size_t>(side * side * channels);
  FilterPicture picture{.image = {},
                        .layer = net.layers[layer].name,
                        .kernels = kernels,
                        .side = side,
                        .channels = channels,
                        .towers = towers,
                        .faintest = std::numeric_limits<double>::infinity()};
  std::vector<GreyScale> scales;
  for (std::size_t k = 0; k < static_cast<std::size_t>(kernels); ++k) {
    scales.push_back(scale_around_zero(weights.subspan(k * size, size)));
    picture.faintest = std::min(picture.faintest, scales.back().white);
    picture.strongest = std::max(picture.strongest, scales.back().white);
  }
  const Tiles tiles{.count = kernels,
                    .plane = {side, side},
                    .columns = columns_for(kernels / towers),
                    .scale = std::max(1, (kernels <= 32 ? kFewSide : kTileSide) / side),
                    .blocks = towers};
  picture.image = draw_tiles(tiles, [&](int k, int x, int y) {
    Rgb colour{};
    for (int c = 0; c < kChannels; ++c) {  // weights: kernel, channel, row, column
      const int channel = channels == 1 ? 0 : c;
      const int at = ((k * channels + channel) * side + y) * side + x;
      colour[static_cast<std::size_t>(c)] = byte_of(scales[static_cast<std::size_t>(k)].level(
          static_cast<double>(weights[static_cast<std::size_t>(at)])));
    }
    return colour;
  });
  return picture;
}

std::string words_of(const FilterPicture& filters) {
  std::string words = fmt::format(
      "{} kernels of {} x {} x {}, each stretched by itself around 0, the middle grey; "
      "weights up to {:.3g} in the faintest, {:.3g} in the strongest",
      filters.kernels, filters.side, filters.side, filters.channels, filters.faintest,
      filters.strongest);
  if (filters.towers > 1)
    words += fmt::format("; {} blocks, one a tower, from above", filters.towers);
  return words;
}

std::optional<FilterPicture> filters_of(const Net& net, const NetState& state) {
  const std::optional<std::size_t> layer = first_convolution(net);
  if (!layer) return std::nullopt;
  const std::vector<ParameterInfo> infos = parameters(net);
  const auto weights = std::ranges::find_if(infos, [&](const ParameterInfo& info) {
    return info.layer == *layer && info.role == ParameterRole::weights;
  });
  return filter_picture(net, *layer, state.read(static_cast<std::size_t>(weights - infos.begin())));
}

std::vector<io::Picture> filters_on_page(const Net& net, const NetState& state) {
  const std::optional<FilterPicture> filters = filters_of(net, state);
  if (!filters) return {};
  std::vector<io::Picture> pictures;
  pictures.push_back(page_picture(filters->layer, {words_of(*filters)}, filters->image.view()));
  return pictures;
}

}  // namespace sluice::nodes
