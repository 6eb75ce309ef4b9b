// From a recipe to the pieces that training, evaluation and profiling share.
#pragma once

#include <string>
#include <vector>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "nodes/decode_jpeg.h"
#include "nodes/run/machine.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// A recipe with everything the variant of `net` decides: what the command line starts from. Throws
// Error{usage} for an unknown net or variant, listing the valid ones.
io::Recipe default_recipe(const std::string& net, const std::string& variant);

// The net of a recipe for `classes` classes: its layers and their start (net_options.h), its loss
// and how its layers learn (learning.h).
Net make_net(const io::Recipe& recipe, int classes);

DecodeJpeg make_decoder(const io::Recipe& recipe);
graph::PipelineOptions pipeline_options(const io::Recipe& recipe, const Machine& machine,
                                        std::size_t memory_bytes);

// The data a recipe names. Throws Error{usage} when data.path is missing or holds nothing valid.
io::Split open_data(const io::Recipe& recipe);

}  // namespace sluice::nodes
