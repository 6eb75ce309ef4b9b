// What the nodes of a chain make of a few images, as pictures for people.
#pragma once

#include <cstddef>
#include <vector>

#include "graph/node.h"
#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "io/report/page.h"
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

// What one stage of a chain makes of a whole image.
struct StageImage {
  graph::DecisionBox decision;
  Image image;
};
// With the draws of (seed, id), as graph's executors have them: what they store is made of the same
// pixels. `from` is not refused by the stage.
StageImage apply_stage(const graph::AugmentStage& stage, std::uint64_t seed,
                       const graph::SampleId& id, ConstImageView from);

// A picture of an image: u8 as it is, floats with their least value black and their largest white;
// made smaller where it is larger than `side`.
io::SampleStage picture_of(ConstImageView image, int side);

}  // namespace sluice::nodes
