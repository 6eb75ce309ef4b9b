#include "runtime/backend/onednn/softmax_loss.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kRows = 4;  // a piece

// log(sum of exp(score)), shifted by the largest so that nothing overflows.
double log_sum_exp(std::span<const float> scores) {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double sum = 0.0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return largest + std::log(sum);
}

void row_gradient(std::span<const float> scores, std::size_t label, double weight, float* out) {
  const double log_sum = log_sum_exp(scores);
  for (std::size_t c = 0; c < scores.size(); ++c) {
    const double probability = std::exp(static_cast<double>(scores[c]) - log_sum);
    out[c] = static_cast<float>((probability - (c == label ? 1.0 : 0.0)) * weight);
  }
}

}  // namespace

SoftmaxLossLayer::SoftmaxLossLayer(const CompileContext& context)
    : batch_(static_cast<std::size_t>(context.batch)),
      classes_(static_cast<std::size_t>(context.in.elements())) {}

void SoftmaxLossLayer::forward(const Pass& pass) {
  parallel_ranges(batch_, kRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      pass.dst[row] = 0.0F;
      if (pass.input.row_weights[row] == 0.0F) continue;
      const std::span scores(pass.src + row * classes_, classes_);
      const auto label = static_cast<std::size_t>(pass.input.labels[row]);
      pass.dst[row] = static_cast<float>(log_sum_exp(scores) - static_cast<double>(scores[label]));
    }
  });
}

void SoftmaxLossLayer::backward(const Pass& pass) {
  parallel_ranges(batch_, kRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      float* out = pass.diff_src + row * classes_;
      const auto weight = static_cast<double>(pass.input.row_weights[row]);
      if (weight == 0.0) {
        std::fill_n(out, classes_, 0.0F);
      } else {
        row_gradient({pass.src + row * classes_, classes_},
                     static_cast<std::size_t>(pass.input.labels[row]), weight, out);
      }
    }
  });
}

}  // namespace sluice::onednn
