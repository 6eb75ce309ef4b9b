#include "runtime/backend/onednn/rbf.h"

#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kRows = 4;  // a piece

}  // namespace

RbfLayer::RbfLayer(const Rbf& spec, const CompileContext& context)
    : batch_(static_cast<std::size_t>(context.batch)),
      features_(static_cast<std::size_t>(context.in.elements())),
      classes_(spec.codes.size()) {
  for (const auto& code : spec.codes) codes_.insert(codes_.end(), code.begin(), code.end());
}

double RbfLayer::score(const float* features, std::size_t code) const {
  const float* const values = codes_.data() + code * features_;
  double distance = 0.0;
  for (std::size_t i = 0; i < features_; ++i) {
    const auto apart = static_cast<double>(features[i] - values[i]);
    distance += apart * apart;
  }
  return -distance;
}

// d x_i = -2 * sum over codes of g_c (x_i - code_ci).
void RbfLayer::slopes(const float* features, const float* gradient, float* out) const {
  std::fill_n(out, features_, 0.0F);
  for (std::size_t c = 0; c < classes_; ++c) {
    const float* const values = codes_.data() + c * features_;
    const float factor = -2.0F * gradient[c];
    for (std::size_t i = 0; i < features_; ++i) out[i] += factor * (features[i] - values[i]);
  }
}

void RbfLayer::forward(const Pass& pass) {
  const float* const src = pass.src.as<float>();
  float* const dst = pass.dst.as<float>();
  parallel_ranges(batch_, kRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first * classes_; i < end * classes_; ++i) {
      dst[i] = static_cast<float>(score(src + i / classes_ * features_, i % classes_));
    }
  });
}

void RbfLayer::backward(const Pass& pass) {
  if (!pass.diff_src) return;
  const float* const src = pass.src.as<float>();
  const float* const diff_dst = pass.diff_dst.as<float>();
  float* const diff_src = pass.diff_src.as<float>();
  parallel_ranges(batch_, kRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      slopes(src + row * features_, diff_dst + row * classes_, diff_src + row * features_);
    }
  });
}

}  // namespace sluice::onednn
