// Dropout with the shared Philox mask (runtime/net/dropout_mask.h).
#pragma once

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

class DropoutLayer {
 public:
  DropoutLayer(const Dropout& spec, const CompileContext& context);

  void forward(const Pass& pass);   // dst may be src
  void backward(const Pass& pass);  // in place, from the mask that forward drew, if any

 private:
  void draw_row(const Pass& pass, std::size_t row) const;

  Dropout spec_;
  Drops drops_;
  std::uint32_t stream_;
  std::size_t batch_;
  std::uint32_t rows_an_image_;
  std::size_t channels_, pixels_;
  Region kept_;
};

}  // namespace sluice::onednn
