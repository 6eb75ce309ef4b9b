// The update rules of backend.h on flat arrays. As kernels.h.
#pragma once

#include <cstddef>

namespace sluice::onednn::kernels {

// v = momentum v - decay w - sparsity sign(w) - rate g;  w += v.
struct PaperFactors {
  float momentum;
  float decay;     // l2 times the learning rate
  float sparsity;  // l1 times the learning rate
  float rate;      // over rows
};

// v = momentum v + scale g + decay w + sparsity sign(w);  w -= rate v.
struct PytorchFactors {
  float momentum;
  float decay;     // l2
  float sparsity;  // l1
  float scale;     // one over rows
  float rate;
};

// w -= rate g / (damping + h).
struct DiagonalFactors {
  float rate;  // over rows
  float damping;
};

struct UpdateArrays {
  const float* gradient;
  float* velocity;  // h of the diagonal rule, which only reads it
  float* values;
};

void update_paper(const PaperFactors& factors, const UpdateArrays& arrays, std::size_t count);
void update_pytorch(const PytorchFactors& factors, const UpdateArrays& arrays, std::size_t count);
// u = what the paper's v would be;  w = w - momentum v + (1 + momentum) u;  v = u.
void update_nesterov(const PaperFactors& factors, const UpdateArrays& arrays, std::size_t count);
void update_diagonal(const DiagonalFactors& factors, const UpdateArrays& arrays, std::size_t count);

}  // namespace sluice::onednn::kernels
