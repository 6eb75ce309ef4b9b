// A chain of layers in the making, and the names its parameters have in weight files.
#pragma once

#include <string>
#include <vector>

#include "runtime/net/net.h"

namespace sluice::nodes {

// How a layer with parameters starts and learns.
struct Upbringing {
  Start start{};
  Learning learning{};
};

// Names parameters as torchvision names a Sequential's: PREFIX.N, where N counts the layers since
// the prefix began, those that an option leaves out too, so that a net without its dropout or
// normalisation reads the same files. One thread.
class LayerList {
 public:
  explicit LayerList(std::string prefix) : prefix_(std::move(prefix)) {}

  void add(std::string name, LayerSpec spec);
  void add(std::string name, LayerSpec spec, const Upbringing& upbringing);
  // A place in the numbering without a layer.
  void leave_out() { ++place_; }
  // Numbers start again at 0 under another prefix.
  void begin(std::string prefix);

  std::vector<Layer> take() && { return std::move(layers_); }

 private:
  std::string prefix_;
  int place_ = 0;
  std::vector<Layer> layers_;
};

// A part of what was published, at least one in each of `towers` equal runs.
int part_of(int published, double width, int towers = 1);

// Throws Error{usage} for fewer than two classes.
void check_classes(int classes);

}  // namespace sluice::nodes
