// The first convolution's kernels as a picture. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/report/picture.h"
#include "runtime/image.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

struct FilterPicture {
  Image image;  // u8
  std::string layer;
  int kernels = 0;
  int side = 0;
  int channels = 0;  // 3: in colours, the order red, green, blue; 1: in greys
  int towers = 1;    // blocks of the picture, from above
  // The weight that is furthest from 0, of the faintest and of the strongest kernel.
  double faintest = 0.0;
  double strongest = 0.0;
};

// Index of the first layer that is a convolution of an image's channels; none: the net has none.
std::optional<std::size_t> first_convolution(const Net& net);

// Each kernel by itself around a middle grey that is 0, so that faint ones show their form too (as
// figure 3 of the AlexNet paper seems to be drawn; it does not say). Runs of kernels that the next
// convolution sees apart (the paper's two towers) are blocks below one another. `weights`:
// canonical, of that layer.
FilterPicture filter_picture(const Net& net, std::size_t layer, std::span<const float> weights);

// In words, without the layer's name: "96 kernels of 11 x 11 x 3, ...".
std::string words_of(const FilterPicture& filters);

// None: the net has no such layer. Not beside a program that runs on the state.
std::optional<FilterPicture> filters_of(const Net& net, const NetState& state);
// The same for a page.
std::vector<io::Picture> filters_on_page(const Net& net, const NetState& state);

}  // namespace sluice::nodes
