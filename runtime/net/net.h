// A net as data: a chain of named layers, and what follows from it (shapes, parameters, costs).
// Plain values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/net/layer_spec.h"
#include "runtime/tensor.h"

namespace sluice {

// How a layer's parameters start.
struct Start {
  enum class Weights {
    normal,          // N(0, deviation)
    glorot_uniform,  // U(+-sqrt(6 / (fan_in + fan_out)))
    he_normal,       // N(0, sqrt(2 / fan_in))
  };
  Weights weights = Weights::normal;
  double deviation = 0.01;
  double bias = 0.0;
};

struct Layer {
  std::string name;  // unique in its net: "conv1"
  LayerSpec spec;
  Start start{};            // layers with parameters only
  std::string file_name{};  // prefix in weight files, torchvision's style: "features.0"
};

struct Net {
  std::string name;       // "alexnet"
  std::string variant{};  // "paper"
  int channels = 3;
  int side = 224;  // input rows are (channels, side, side)
  std::vector<Layer> layers{};
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
};

// One entry a layer. Throws Error{usage} naming the layer that does not fit its input.
std::vector<LayerShapes> infer_shapes(const Net& net);

// Weights then biases of each layer that has them, in layer order.
std::vector<ParameterInfo> parameters(const Net& net);
std::int64_t parameter_count(const Net& net);

// Maps or features that leave the last layer with parameters: the number of classes.
int class_count(const Net& net);

struct LayerCost {
  std::string name;
  std::string kind;
  Shape out;
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;     // forward, one row; convolutions and fully connected only
  std::int64_t parameter_bytes = 0;   // f32
  std::int64_t activation_bytes = 0;  // f32, one row of output
  int receptive_field = 0;            // side in input pixels; 0 where it has no meaning
};

std::vector<LayerCost> layer_costs(const Net& net);

}  // namespace sluice
