// What a phase of a step is made of on a device, as plain data: a phase is a list of these, in
// order, each reading what those before it wrote.
//
// Activations are (rows, height, width, channels) or (rows, features) in the program's precision;
// scores and losses are f32; parameters and their gradients are f32 (beside them, in bf16, a
// rounded copy of the weights). Everything an operation does is added up in f32 and rounded once.
// Who runs them: `host/` in plain loops, `cuda/` on a GPU; both visit the variant without a
// default.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/backend/cudnn/array.h"

namespace sluice::cudnn {

enum class FusedRelu : std::uint8_t { no, yes };

// (rows, height, width, channels).
struct Plane {
  int rows = 0;
  int height = 1;
  int width = 1;
  int channels = 0;

  std::int64_t pixels() const { return std::int64_t{rows} * height * width; }
  std::int64_t values() const { return pixels() * channels; }
};

// f32 rows of a batch into the program's first array; zeros where a row's weight is 0.
struct TakeRows {
  Plane rows;
  Array from;         // Home::input, f32
  Array row_weights;  // (rows) f32
  Array to;
};

// The same from bytes and the decisions still to be applied to each row
// (runtime/row_transform.h).
struct TakeBytes {
  Plane rows;
  Array from;         // Home::input: (rows, height, width, channels) bytes
  Array transforms;   // (rows) RowTransform
  Array row_weights;  // (rows) f32
  Array to;
  Array image{};  // Home::image: (height, image_width, 3) f32; none where no transform reads it
  int image_width = 0;
};

struct ConvolutionShape {
  Plane in;
  Plane out;
  int kernel = 1;
  int stride = 1;
  int pad_before = 0;
  int pad_after = 0;
  int groups = 1;
};

// Weights are (out channels, kernel, kernel, in channels / groups).
struct ConvolutionForward {
  ConvolutionShape shape;
  FusedRelu relu = FusedRelu::no;
  Array in, weights, biases, out;
};
struct ConvolutionBackwardData {
  ConvolutionShape shape;
  Array out_gradient, weights, in_gradient;
};
struct ConvolutionBackwardWeights {
  ConvolutionShape shape;
  Array out_gradient, in, weights_gradient;
};

struct ProductShape {
  int rows = 0;
  int in = 0;
  int out = 0;
};

// out = in weights^T + biases; weights are (out, in).
struct ProductForward {
  ProductShape shape;
  FusedRelu relu = FusedRelu::no;
  Array in, weights, biases, out;
};
// in_gradient = out_gradient weights.
struct ProductBackwardData {
  ProductShape shape;
  Array out_gradient, weights, in_gradient;
};
// weights_gradient = out_gradient^T in.
struct ProductBackwardWeights {
  ProductShape shape;
  Array out_gradient, in, weights_gradient;
};

// biases_gradient[c] = sum of out_gradient over everything but channels: first into `parts` sums
// of neighbouring pixels, then those in order, so that the same numbers give the same bits.
struct BiasGradient {
  std::int64_t pixels = 0;  // rows x height x width
  int channels = 0;
  int parts = 1;
  Array out_gradient;
  Array partial;  // (parts, channels) f32
  Array biases_gradient;
};

// Elementwise; in place where both arrays are the same.
struct ReluForward {
  std::int64_t values = 0;
  Array in, out;
};
// Gradient where the layer's own output is above 0.
struct ReluBackward {
  std::int64_t values = 0;
  Array out, out_gradient, in_gradient;
};
struct TanhForward {
  std::int64_t values = 0;
  Tanh spec;
  Array in, out;
};
struct TanhBackward {
  std::int64_t values = 0;
  Tanh spec;
  Array out, out_gradient, in_gradient;
};

// Backward recomputes the scale from the input.
struct LrnForward {
  Plane plane;
  Lrn spec;
  Array in, out;
};
struct LrnBackward {
  Plane plane;
  Lrn spec;
  Array in, out_gradient, in_gradient;
};
struct SameMapLrnForward {
  Plane plane;
  SameMapLrn spec;
  Array in, out;
};
struct SameMapLrnBackward {
  Plane plane;
  SameMapLrn spec;
  Array in, out_gradient, in_gradient;
};

// `argmax`: a byte for each output, which position of its window (y x kernel + x) was the largest,
// of equal ones the first; none in evaluation.
struct MaxPoolForward {
  Plane in, out;
  int kernel = 2;
  int stride = 2;
  Array source, result, argmax;
};
// Each input sums the gradients of the windows whose largest it was, in the order of the windows.
struct MaxPoolBackward {
  Plane in, out;
  int kernel = 2;
  int stride = 2;
  Array argmax, out_gradient, in_gradient;
};

// Training: drops units by runtime/net/dropout_mask.h and writes `kept` (a byte a unit), values
// times `kept_factor`. Evaluation: `kept` is none and every value is multiplied by `kept_factor`.
struct DropoutForward {
  Plane plane;
  double drop = 0.5;
  float kept_factor = 1.0F;
  std::uint32_t stream = 0;  // dropout_stream of the layer
  Array in, out, kept;
};
struct DropoutBackward {
  std::int64_t values = 0;
  float kept_factor = 1.0F;
  Array kept, out_gradient, in_gradient;
};

// LeNet-5's layers of 1998 (layer_spec.h). Connections: pairs (out map, in map) in the order of the
// weights, int32, as many as `connections`.
struct PartialConvolutionForward {
  Plane in, out;
  int kernel = 1;
  int connections = 0;
  Array table;  // (connections, 2) int32, Home::parameters
  Array source, weights, biases, result;
};
struct PartialConvolutionBackwardData {
  Plane in, out;
  int kernel = 1;
  int connections = 0;
  Array table;
  Array out_gradient, weights, in_gradient;
};
struct PartialConvolutionBackwardWeights {
  Plane in, out;
  int kernel = 1;
  int connections = 0;
  Array table;
  Array out_gradient, source, weights_gradient;
};
struct SubsampleForward {
  Plane in, out;
  int side = 2;
  Array source, coefficients, biases, result;
};
struct SubsampleBackwardData {
  Plane in, out;
  int side = 2;
  Array out_gradient, coefficients, in_gradient;
};
struct SubsampleBackwardWeights {
  Plane in, out;
  int side = 2;
  Array out_gradient, source, coefficients_gradient;
};
struct RbfForward {
  int rows = 0;
  int features = 0;
  int classes = 0;
  Array codes;  // (classes, features) int8, Home::parameters
  Array in, scores;
};
struct RbfBackward {
  int rows = 0;
  int features = 0;
  int classes = 0;
  Array codes;
  Array in, scores_gradient, in_gradient;
};

// A loss of each row, 0 where the row's weight is 0; labels are int32; other labels and shares as
// in StepInput.
struct LossForward {
  int rows = 0;
  int classes = 0;
  std::variant<SoftmaxLoss, HingeLoss, MapLoss> spec;
  Array scores, labels, row_weights, other_labels, other_shares, losses;
};
// Gradients of the scores in the program's precision, each row's times its weight (0 where the
// weight is 0, whatever stands in the row).
struct LossBackward {
  int rows = 0;
  int classes = 0;
  std::variant<SoftmaxLoss, HingeLoss, MapLoss> spec;
  Array scores, labels, row_weights, other_labels, other_shares, scores_gradient;
};

// f32 to bf16.
struct RoundValues {
  std::int64_t values = 0;
  Array from, to;
};

// All parameters in one launch: values, gradients and velocities are three arrays of the same
// arrangement; parameter p has the values [first[p], first[p + 1]) and the factors p of the step
// (`UpdateSegment`).
struct Update {
  enum class Form : std::uint8_t { paper, pytorch, nesterov, diagonal };
  Form form = Form::paper;
  std::vector<std::int64_t> first;  // one more than parameters
  Array factors;                    // (parameters) UpdateSegment, Home::step
  Array values, gradients, velocities;
};

// What the host says of a parameter in a step, from update_factors.h rounded to f32 as
// onednn/update_kernel.h does; rates are already divided by rows where the form says so.
struct UpdateSegment {
  float momentum = 0.0F;
  float decay = 0.0F;
  float sparsity = 0.0F;
  float scale = 0.0F;  // pytorch's form: one over rows
  float rate = 0.0F;
  float damping = 0.0F;
  std::int32_t still = 0;  // 1: nothing changes
};

// The step's own numbers, at the start of Home::step.
struct StepNumbers {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  std::uint32_t first_row = 0;
};

using OperationKind = std::variant<
    TakeRows, TakeBytes, ConvolutionForward, ConvolutionBackwardData, ConvolutionBackwardWeights,
    ProductForward, ProductBackwardData, ProductBackwardWeights, BiasGradient, ReluForward,
    ReluBackward, TanhForward, TanhBackward, LrnForward, LrnBackward, SameMapLrnForward,
    SameMapLrnBackward, MaxPoolForward, MaxPoolBackward, DropoutForward, DropoutBackward,
    PartialConvolutionForward, PartialConvolutionBackwardData, PartialConvolutionBackwardWeights,
    SubsampleForward, SubsampleBackwardData, SubsampleBackwardWeights, RbfForward, RbfBackward,
    LossForward, LossBackward, RoundValues, Update>;

struct Operation {
  std::string layer;  // as messages and tables name it
  OperationKind what;
};

// "convolution forward", "LRN backward", ...: the word used in tables.
std::string operation_name(const OperationKind& what);

}  // namespace sluice::cudnn
