// Layers as plain data. A backend's compile() visits the variant without a default, so that a
// missing twin is a compile error.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

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

// A convolution whose output map o sums only the input maps in `sees[o]` (each list rising), stride
// 1, no padding: LeNet-5's C3 (LeCun et al. 1998, table I).
// Weights: (connections, kernel, kernel), connection by connection in the order of `sees`; biases:
// (out).
struct PartialConv2d {
  int kernel = 1;
  std::vector<std::vector<int>> sees{};
};

struct Relu {};

// out = amplitude tanh(slope in). LeNet-5: 1.7159 and 2/3 (LeCun et al. 1998, appendix A).
struct Tanh {
  double amplitude = 1.0;
  double slope = 1.0;
};

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

// b = a / (k + alpha / size^2 * sum of a^2 over the size x size positions of the same map)^beta,
// zeros outside: the normalisation that ran in AlexNet's second layer and is not in its paper
// (`FACTS` 1.2).
struct SameMapLrn {
  int size = 5;
  double alpha = 1e-3;
  double beta = 0.75;
  double k = 1.0;
};

// out = coefficient of the map x sum over a `side` x `side` window + bias of the map; windows do
// not overlap and must divide the plane: LeNet-5's S2 and S4 (LeCun et al. 1998, section II.B).
// Weights: (channels); biases: (channels).
struct Subsample {
  int side = 2;
};

// Square window; output side rounds up, and the last window starts inside the plane (Caffe and
// cuda-convnet; `FACTS` 1.5). Windows over the edge see only what is there.
struct MaxPool {
  // `down` leaves windows out that would look over the edge (PyTorch's default).
  enum class Rounding { up, down };

  int kernel = 2;
  int stride = 2;
  Rounding rounding = Rounding::up;
};

// Weights: (out, in), in = channels x height x width in that order; biases: (out).
struct FullyConnected {
  int out_features = 0;
};

// Unit u of row r is zeroed in training when its Philox draw is below `drop`
// (runtime/random.h: stream "dropout/LAYER", sample = row of the whole step, epoch = step; behind
// `Windows` row x windows + window).
struct Dropout {
  // `vanilla`: training leaves the kept units as they are, testing multiplies by 1 - drop (the
  // paper). `inverted`: training divides by 1 - drop, testing does nothing (Caffe and later).
  enum class Scaling { vanilla, inverted };

  double drop = 0.5;
  Scaling scaling = Scaling::vanilla;
};

// Every window of `side` x `side` of a plane, each a row of its own for the layers behind, in
// reading order: fully connected layers then see what they would see as convolutions over the whole
// plane (VGG paper, section 3.2).
struct Windows {
  int side = 1;
};

// The mean over an image's windows of each feature: one row an image again (the class score map,
// averaged).
struct WindowMean {};

// Scores by distance to fixed codes: score of class c = -sum over i of (in[i] - codes[c][i])^2.
// No parameters (LeCun et al. 1998, section II.B: the penalties are the negated scores).
struct Rbf {
  std::vector<std::vector<std::int8_t>> codes{};  // one a class: +1 and -1
};

// One of the three losses ends a net. Its input are scores, the larger the likelier; it gives a
// loss a row; gradients are SUMS over rows, each row times its weight.

// Cross-entropy of the softmax of the scores.
struct SoftmaxLoss {};

// Sum over the wrong classes of max(0, score - score[label] + margin) (lecture 8's multiclass SVM).
// At the hinge itself the gradient is 0.
struct HingeLoss {
  double margin = 1.0;
};

// -score[label] + log(exp(-garbage) + sum over classes of exp(score)): the discriminative criterion
// of LeNet-5 (LeCun et al. 1998, equation 9; `garbage` is its j, for which it gives no value: wrong
// classes whose penalty is above it are not pushed further away).
struct MapLoss {
  double garbage = 10.0;
};

using LayerSpec = std::variant<Conv2d, PartialConv2d, Relu, Tanh, Lrn, SameMapLrn, MaxPool,
                               Subsample, FullyConnected, Dropout, Windows, WindowMean, Rbf,
                               SoftmaxLoss, HingeLoss, MapLoss>;

// "convolution", "relu", ...: the word used in tables.
std::string layer_kind(const LayerSpec& spec);

bool is_loss(const LayerSpec& spec);

}  // namespace sluice
