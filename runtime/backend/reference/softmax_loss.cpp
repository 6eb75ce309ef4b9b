#include "runtime/backend/reference/softmax_loss.h"

#include <algorithm>
#include <cmath>

namespace sluice::reference {
namespace {

// log(sum of exp(score)), shifted by the largest score so that nothing overflows.
template <class T>
double log_sum_exp(std::span<const T> scores) {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double sum = 0.0;
  for (const T score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return largest + std::log(sum);
}

template <class T>
void row_gradient(std::span<const T> scores, std::size_t label, double weight, std::span<T> out) {
  const double log_sum = log_sum_exp(scores);
  for (std::size_t c = 0; c < scores.size(); ++c) {
    const double probability = std::exp(static_cast<double>(scores[c]) - log_sum);
    out[c] = static_cast<T>((probability - (c == label ? 1.0 : 0.0)) * weight);
  }
}

}  // namespace

template <class T>
void softmax_loss_forward(const BatchShapes& shapes, std::span<const T> scores,
                          const Targets& targets, std::span<T> losses) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    losses[row] = T{0};
    if (targets.row_weights[row] == 0.0F) continue;
    const std::span<const T> row_scores = scores.subspan(row * classes, classes);
    const auto label = static_cast<std::size_t>(targets.labels[row]);
    losses[row] = static_cast<T>(log_sum_exp(row_scores) - static_cast<double>(row_scores[label]));
  }
}

template <class T>
void softmax_loss_backward(const BatchShapes& shapes, std::span<const T> scores,
                           const Targets& targets, std::span<T> score_gradient) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(score_gradient, T{0});
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    const double weight = static_cast<double>(targets.row_weights[row]);
    if (weight == 0.0) continue;
    row_gradient<T>(scores.subspan(row * classes, classes),
                    static_cast<std::size_t>(targets.labels[row]), weight,
                    score_gradient.subspan(row * classes, classes));
  }
}

template void softmax_loss_forward<float>(const BatchShapes&, std::span<const float>,
                                          const Targets&, std::span<float>);
template void softmax_loss_backward<float>(const BatchShapes&, std::span<const float>,
                                           const Targets&, std::span<float>);
template void softmax_loss_forward<double>(const BatchShapes&, std::span<const double>,
                                           const Targets&, std::span<double>);
template void softmax_loss_backward<double>(const BatchShapes&, std::span<const double>,
                                            const Targets&, std::span<double>);

}  // namespace sluice::reference
