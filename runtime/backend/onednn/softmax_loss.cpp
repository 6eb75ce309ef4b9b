#include "runtime/backend/onednn/softmax_loss.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/onednn/loss_rows.h"

namespace sluice::onednn {
namespace {

// log(sum of exp(score)), shifted by the largest so that nothing overflows.
double log_sum_exp(std::span<const float> scores) {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double sum = 0.0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return largest + std::log(sum);
}

}  // namespace

SoftmaxLossLayer::SoftmaxLossLayer(const CompileContext& context)
    : batch_(static_cast<std::size_t>(context.batch)),
      classes_(static_cast<std::size_t>(context.in.elements())) {}

void SoftmaxLossLayer::forward(const Pass& pass) {
  row_losses(pass, {batch_, classes_}, [](std::span<const float> scores, std::size_t label) {
    return log_sum_exp(scores) - static_cast<double>(scores[label]);
  });
}

void SoftmaxLossLayer::backward(const Pass& pass) {
  row_slopes(pass, {batch_, classes_}, [](const LossRow& row) {
    return [row, log_sum = log_sum_exp(row.scores)](std::size_t c) {
      const double probability = std::exp(static_cast<double>(row.scores[c]) - log_sum);
      return (probability - (c == row.label ? 1.0 : 0.0)) * row.weight;
    };
  });
}

}  // namespace sluice::onednn
