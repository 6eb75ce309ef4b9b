// A net as data: a chain of named layers, and what follows from it (shapes, parameters, costs).
// Plain values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/extent.h"
#include "runtime/net/layer_spec.h"
#include "runtime/tensor.h"

namespace sluice {

// How a layer's parameters start. fan_in: inputs that one output sums.
struct Start {
  enum class Weights {
    normal,          // N(0, deviation)
    glorot_uniform,  // U(+-sqrt(6 / (fan_in + fan_out)))
    he_normal,       // N(0, sqrt(2 / fan_in))
    fan_in_uniform,  // U(+-limit / fan_in): LeNet-5, limit 2.4 (LeCun et al. 1998, appendix A)
    root_uniform,    // U(+-limit / sqrt(fan_in)): 1 is PyTorch's default, sqrt(3) Caffe's "xavier"
  };
  enum class Biases {
    constant,     // `bias`
    like_weights  // drawn like the weights, with the weights' fan_in
  };
  Weights weights = Weights::normal;
  double deviation = 0.01;
  double limit = 1.0;
  Biases biases = Biases::constant;
  double bias = 0.0;
};

// How a layer learns beside the net: factors of the rule's rate and decay.
struct Learning {
  double weight_rate = 1.0;
  double bias_rate = 1.0;
  double weight_decay = 1.0;
  double bias_decay = 0.0;
  bool frozen = false;  // its parameters stay as they are, velocity too; their gradients read as 0
};

struct Layer {
  std::string name;  // unique in its net: "conv1"
  LayerSpec spec;
  Start start{};            // layers with parameters only
  std::string file_name{};  // prefix in weight files, torchvision's style: "features.0"
  Learning learning{};      // layers with parameters only
};

struct Net {
  std::string name;       // "alexnet"
  std::string variant{};  // "paper"
  int channels = 3;
  int side = 224;  // input rows are (channels, side, side), or
  std::vector<Layer> layers{};
  Extent whole{};  // of images that are no squares of that side: (channels, height, width)

  Extent extent() const { return whole == Extent{} ? Extent{side, side} : whole; }
};

enum class ParameterRole { weights, biases };

struct ParameterInfo {
  std::size_t layer = 0;  // index into Net::layers
  ParameterRole role = ParameterRole::weights;
  Shape shape;            // canonical: see layer_spec.h
  std::string file_name;  // "features.0.weight"
};

struct LayerShapes {
  Shape in;  // of one row: (channels, height, width) or (features)
  Shape out;
  int in_rows =
      1;  // of them that one row of the net makes: between `Windows` and `WindowMean` many
  int out_rows = 1;
};

// One entry a layer. Throws Error{usage} naming the layer that does not fit its input.
std::vector<LayerShapes> infer_shapes(const Net& net);

// Weights then biases of each layer that has them, in layer order.
std::vector<ParameterInfo> parameters(const Net& net);
std::int64_t parameter_count(const Net& net);

// Scores that enter the loss at the net's end.
int class_count(const Net& net);

struct LayerCost {
  std::string name;
  std::string kind;
  Shape out;
  std::int64_t weights = 0;
  std::int64_t biases = 0;
  std::int64_t multiply_adds = 0;     // forward, one row; convolutions, fully connected, codes
  std::int64_t parameter_bytes = 0;   // f32
  std::int64_t activation_bytes = 0;  // f32, one row of output
  // Side in input pixels; 0 where it has no meaning. What a same-map normalisation sees besides is
  // in its own figure only.
  int receptive_field = 0;
};

std::vector<LayerCost> layer_costs(const Net& net);

}  // namespace sluice
