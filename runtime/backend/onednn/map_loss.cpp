#include "runtime/backend/onednn/map_loss.h"

#include <cmath>

#include "runtime/backend/onednn/loss_rows.h"

namespace sluice::onednn {

MapLossLayer::MapLossLayer(const MapLoss& spec, const CompileContext& context)
    : garbage_(spec.garbage),
      batch_(static_cast<std::size_t>(context.batch)),
      classes_(static_cast<std::size_t>(context.in.elements())) {}

// log(exp(-garbage) + sum of exp(score)), shifted by the largest so that nothing overflows.
double MapLossLayer::log_sum(std::span<const float> scores) const {
  const double largest =
      std::max(static_cast<double>(*std::ranges::max_element(scores)), -garbage_);
  double sum = std::exp(-garbage_ - largest);
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return largest + std::log(sum);
}

void MapLossLayer::forward(const Pass& pass) {
  row_losses(pass, {batch_, classes_}, [&](std::span<const float> scores, std::size_t label) {
    return log_sum(scores) - static_cast<double>(scores[label]);
  });
}

void MapLossLayer::backward(const Pass& pass) {
  row_slopes(pass, {batch_, classes_}, [&](const LossRow& row) {
    return [row, all = log_sum(row.scores)](std::size_t c) {
      const double probability = std::exp(static_cast<double>(row.scores[c]) - all);
      return (probability - (c == row.label ? 1.0 : 0.0)) * row.weight;
    };
  });
}

}  // namespace sluice::onednn
