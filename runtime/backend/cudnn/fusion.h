// Which layers of a net do their neighbour's work, or work where their input stands. Decided before
// any operation is made, from the net alone.
#pragma once

#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn {

struct LayerPlan {
  FusedRelu relu_inside = FusedRelu::no;  // does the ReLU behind it
  bool absent = false;                    // does nothing: its output is its input
  bool in_place = false;                  // its output stands where its input stood
};

// One entry a layer. What `options` keeps stays what its layer gave.
std::vector<LayerPlan> plan_layers(const Net& net, const ProgramOptions& options);

bool is_kept(const ProgramOptions& options, const Layer& layer);

// The program's precision; scores and losses are f32.
Precision output_element(const Net& net, std::size_t layer, const ProgramOptions& options);

// Whether backward changes the layer's own parameters.
bool learns(const Layer& layer);

}  // namespace sluice::cudnn
