// Convolutions as graphs of cuDNN: forward with biases and ReLU in one, gradients of data and of
// weights. The only includer of cuDNN's front end is convolution.cpp.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "runtime/backend/cudnn/cuda/candidates.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

// What plans are made for: the calling thread's device, or one that need not be there, as cuDNN's
// JSON of a device's properties says (then nothing can be enqueued).
struct PlanTarget {
  int architecture = 90;  // compute capability times 10
  std::string properties_json{};
};

using Convolution =
    std::variant<ConvolutionForward, ConvolutionBackwardData, ConvolutionBackwardWeights>;

// Owns a handle of cuDNN. Any thread may call; calls wait for each other.
class Convolutions {
 public:
  virtual ~Convolutions() = default;

  // The ways to do it, or the preferred one alone, if there is such a one. Engines whose sums
  // depend on the order of threads are left out, and of exact f32 those that round their inputs.
  // In bf16 few or none of cuDNN's engines take biases or give weights' gradients in f32: biases
  // are rounded in front of them, gradients widened behind them. Throws Error{run} if there is
  // none.
  virtual std::unique_ptr<Candidates> prepare(const Convolution& what, const Memory& memory,
                                              const PrepareOptions& options) = 0;
};

// Needs libcudnn opened (libraries.h). Throws Error{run}.
std::unique_ptr<Convolutions> make_convolutions(const PlanTarget& target);

}  // namespace sluice::cudnn::cuda
