// Starting weights from another net, by the names of layers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// What of a file's net is taken. Layers that are not start as the net says.
enum class StartLayers {
  all,       // every layer; the file may hold nothing else
  config_a,  // VGG: what the deeper configurations take from A (Simonyan and Zisserman,
             // section 3.1)
  body       // all but the last layer with parameters: fine-tuning with a new head
};

struct StartFrom {
  std::filesystem::path file;
  StartLayers layers = StartLayers::all;
};

// What train.from and train.from_layers say; an empty file: none.
StartFrom start_from_recipe(const io::Recipe& recipe);

// Whether `net` can start from the file: whatever `start_from` throws, without a state.
void check_start(const StartFrom& from, const Net& net);

// Copies weights and biases into `state`, layer by layer of the same name, and gives the names of
// the layers it took. The file is one of ours, of the same architecture in any variant, or
// somebody else's with the names that this net (for `config_a`: A) has in files.
//
// Throws Error{usage} that names the file and leaves `state` as it was: a layer that is missing, or
// both shapes of one that does not fit. One exception: a last layer for another number of classes
// starts anew with `config_a`, as it must when the data change. Not while a program runs on
// `state`.
std::vector<std::string> start_from(const StartFrom& from, const Net& net, NetState& state);

}  // namespace sluice::nodes
