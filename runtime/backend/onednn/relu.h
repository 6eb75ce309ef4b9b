// ReLU where no neighbour does it on the way.
#pragma once

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

class ReluLayer {
 public:
  explicit ReluLayer(const CompileContext& context);

  void forward(const Pass& pass);   // dst may be src
  void backward(const Pass& pass);  // in place, from the result

 private:
  std::size_t row_elements_, batch_;
};

}  // namespace sluice::onednn
