// Normalisation by the squares around a pixel in its own map. Our own kernel: oneDNN has this form
// (`lrn_within_channel`) in its reference code only.
#pragma once

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/parallel.h"
#include "runtime/backend/onednn/same_map_lrn_kernel.h"

namespace sluice::onednn {

// Of planes whose rows are `width` values.
struct SameMapGeometry {
  std::size_t height, pixels, channels;  // pixels of a row
  std::size_t half;                      // pixels that a window sees on each side

  std::size_t width() const { return pixels * channels; }
  std::size_t window() const { return 2 * half + 1; }
  std::size_t padding() const { return half * channels; }
};

class SameMapLrnLayer {
 public:
  // Throws Error{usage} for windows wider than the kernel takes.
  SameMapLrnLayer(const SameMapLrn& spec, const CompileContext& context);

  void forward(const Pass& pass);
  // Computes the scales again: forward leaves nothing but its result.
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const { return pieces_ * piece_floats_ * sizeof(float); }

 private:
  float* floats_of(const Pass& pass, const Piece& piece) const;

  kernels::SameMapFactors factors_;
  SameMapGeometry geometry_;
  std::size_t rows_;  // of pixels, of the whole batch
  std::size_t pieces_, piece_floats_;
};

}  // namespace sluice::onednn
