#include "runtime/backend/onednn/sgd.h"

#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 14;  // floats

}  // namespace

void sgd_update(const SgdStep& step, Parameter& parameter) {
  const bool weights = parameter.info.role == ParameterRole::weights;
  const kernels::SgdFactors factors{
      .momentum = static_cast<float>(step.rule.momentum),
      .decay = weights ? static_cast<float>(step.rule.decay * step.rate) : 0.0F,
      .rate = static_cast<float>(step.rate / step.rows)};
  const float* gradient = parameter.gradient.values().data();
  float* velocity = parameter.velocity.values().data();
  float* values = parameter.values.values().data();
  const std::size_t count = parameter.values.values().size();
  parallel_ranges(count, kPiece, [&](std::size_t first, std::size_t end) {
    kernels::sgd(factors, gradient + first, end - first, velocity + first, values + first);
  });
}

}  // namespace sluice::onednn
