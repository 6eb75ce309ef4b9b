// What the nodes of a chain make of a few images, as pictures for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/node.h"
#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "io/report/page.h"
#include "nodes/run/stage_image.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

struct SampleRequest {
  int images = 5;
  int side = 192;                             // a picture's longer side at most, pixels
  std::size_t bytes = std::size_t{64} << 20;  // images that need more at any stage are passed over
};

// The first usable images of the first epoch's order, one after the other in the calling thread,
// each whole after `decode` and after every node of the recipe's chain, with the draws that
// training makes of them. Looks at no more than four times as many files; what cannot be read is
// passed over. Changes nothing that a run goes by.
std::vector<io::Sample> sample_pictures(const io::Dataset& data, const io::Recipe& recipe,
                                        const Statistics& statistics,
                                        const SampleRequest& request = {});

// An image as it can be shown.
struct Shown {
  Image image;             // u8
  bool stretched = false;  // of floats: their least value black, their largest white
  double black = 0.0;
  double white = 255.0;
};
Shown shown_as(ConstImageView image, int side);

// A picture of an image: u8 as it is, floats with their least value black and their largest white;
// made smaller where it is larger than `side`.
io::SampleStage picture_of(ConstImageView image, int side);

}  // namespace sluice::nodes
