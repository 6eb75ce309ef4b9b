// Layers as plain data. A backend's compile() visits the variant without a default, so that a
// missing twin is a compile error.
#pragma once

#include <string>
#include <variant>

namespace sluice {

// Zeros around a plane, in pixels.
struct Padding {
  int before = 0;  // top and left
  int after = 0;   // bottom and right
  friend bool operator==(Padding, Padding) = default;
};

// Square kernel; output side = floor((side + before + after - kernel) / stride) + 1.
// Weights: (out, in / groups, kernel, kernel); biases: (out).
struct Conv2d {
  int out_channels = 0;
  int kernel = 1;
  int stride = 1;
  Padding pad{};
  int groups = 1;
};

struct Relu {};

// b = a / (k + alpha' * sum over `size` neighbouring maps of a^2)^beta, within each of `towers`
// equal runs of maps (AlexNet paper, section 3.3; the towers are its two GPUs).
struct Lrn {
  // Whether alpha is divided by the window's size: the authors' code and every library do it
  // (`window`), the paper's formula does not (`literal`, 5 times stronger).
  enum class Alpha { window, literal };

  int size = 5;
  double alpha = 1e-4;
  double beta = 0.75;
  double k = 2.0;
  int towers = 1;
  Alpha reading = Alpha::window;
};

// Square window; output side rounds up, and the last window starts inside the plane (Caffe and
// cuda-convnet; `FACTS` 1.5). Windows over the edge see only what is there.
struct MaxPool {
  int kernel = 2;
  int stride = 2;
};

// Weights: (out, in), in = channels x height x width in that order; biases: (out).
struct FullyConnected {
  int out_features = 0;
};

// Unit u of row r is zeroed in training when its Philox draw is below `drop`
// (runtime/random.h: stream "dropout/LAYER", sample = row of the whole step, epoch = step).
struct Dropout {
  // `vanilla`: training leaves the kept units as they are, testing multiplies by 1 - drop (the
  // paper). `inverted`: training divides by 1 - drop, testing does nothing (Caffe and later).
  enum class Scaling { vanilla, inverted };

  double drop = 0.5;
  Scaling scaling = Scaling::vanilla;
};

// Ends a net: cross-entropy of the softmax of its input, a loss a row; gradients are SUMS over
// rows, each row times its weight.
struct SoftmaxLoss {};

using LayerSpec = std::variant<Conv2d, Relu, Lrn, MaxPool, FullyConnected, Dropout, SoftmaxLoss>;

// "convolution", "relu", ...: the word used in tables.
std::string layer_kind(const LayerSpec& spec);

}  // namespace sluice
