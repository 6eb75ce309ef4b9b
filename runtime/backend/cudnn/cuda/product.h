// Products of fully connected layers by cuBLASLt. The only user of its functions is product.cpp.
#pragma once

#include <memory>
#include <variant>

#include "runtime/backend/cudnn/cuda/candidates.h"
#include "runtime/backend/cudnn/cuda/libraries.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

using Product = std::variant<ProductForward, ProductBackwardData, ProductBackwardWeights>;

// Owns a handle of cuBLASLt. Any thread may call.
class Products {
 public:
  virtual ~Products() = default;

  // As Convolutions::prepare. A forward's biases and ReLU are part of the product where cuBLASLt
  // can, else an own kernel behind it does them on sums that are not rounded yet.
  virtual std::unique_ptr<Candidates> prepare(const Product& what, const Memory& memory,
                                              const PrepareOptions& options) = 0;
};

// For the calling thread's device. Throws Error{run}.
std::unique_ptr<Products> make_products(const BlasFunctions& blas);

}  // namespace sluice::cudnn::cuda
