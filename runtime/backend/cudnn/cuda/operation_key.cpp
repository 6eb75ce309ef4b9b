#include "runtime/backend/cudnn/cuda/operation_key.h"

#include <fmt/core.h>

namespace sluice::cudnn::cuda {
namespace {

std::string arithmetic(const Array& in, const Array& out, F32Math math) {
  if (in.element == Precision::f32) return math == F32Math::exact ? "f32" : "tf32";
  return out.element == Precision::f32 ? "bf16 to f32" : "bf16";
}

std::string shape_text(const ConvolutionShape& s) {
  return fmt::format(
      "{} x {} x {} x {} to {} x {} x {}, kernel {}, stride {}, padding {} {}, groups {}",
      s.in.rows, s.in.height, s.in.width, s.in.channels, s.out.height, s.out.width, s.out.channels,
      s.kernel, s.stride, s.pad_before, s.pad_after, s.groups);
}

std::string shape_text(const ProductShape& s) {
  return fmt::format("{} x {} to {}", s.rows, s.in, s.out);
}

// What goes in and comes out.
struct Ends {
  const Array& in;
  const Array& out;
};
Ends ends(const ConvolutionForward& c) { return {c.in, c.out}; }
Ends ends(const ConvolutionBackwardData& c) { return {c.out_gradient, c.in_gradient}; }
Ends ends(const ConvolutionBackwardWeights& c) { return {c.in, c.weights_gradient}; }
Ends ends(const ProductForward& p) { return {p.in, p.out}; }
Ends ends(const ProductBackwardData& p) { return {p.out_gradient, p.in_gradient}; }
Ends ends(const ProductBackwardWeights& p) { return {p.in, p.weights_gradient}; }

template <class Variant>
std::string key(const Variant& what, F32Math math) {
  return std::visit(
      [&](const auto& operation) {
        const Ends e = ends(operation);
        return fmt::format("{}, {}, {}", operation_name(operation), shape_text(operation.shape),
                           arithmetic(e.in, e.out, math));
      },
      what);
}

}  // namespace

std::string operation_key(const Convolution& what, F32Math math) { return key(what, math); }
std::string operation_key(const Product& what, F32Math math) { return key(what, math); }

}  // namespace sluice::cudnn::cuda
