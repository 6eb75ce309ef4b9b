#include "runtime/backend/reference/softmax_loss.h"

namespace sluice::reference {
namespace {

template <class T>
double log_sum(std::span<const T> scores) {
  return log_sum_exp(scores, -HUGE_VAL);
}

}  // namespace

template <class T>
void softmax_loss_forward(const BatchShapes& shapes, std::span<const T> scores,
                          const Targets& targets, std::span<T> losses) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(losses, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    const std::span<const T> of_row = scores.subspan(target.row * classes, classes);
    const double loss = log_sum(of_row) - static_cast<double>(of_row[target.label]);
    losses[target.row] += static_cast<T>(target.share * loss);
  });
}

template <class T>
void softmax_loss_backward(const BatchShapes& shapes, std::span<const T> scores,
                           const Targets& targets, std::span<T> score_gradient) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(score_gradient, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    const std::span<const T> of_row = scores.subspan(target.row * classes, classes);
    const double sum = log_sum(of_row);
    for (std::size_t c = 0; c < classes; ++c) {
      const double probability = std::exp(static_cast<double>(of_row[c]) - sum);
      score_gradient[target.row * classes + c] += static_cast<T>(
          (probability - (c == target.label ? 1.0 : 0.0)) * target.weight * target.share);
    }
  });
}

template <class T>
void softmax_loss_curvature(const BatchShapes& shapes, std::span<const T> scores,
                            const Targets& targets, std::span<T> score_curvature) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(score_curvature, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    const std::span<const T> of_row = scores.subspan(target.row * classes, classes);
    const double sum = log_sum(of_row);
    for (std::size_t c = 0; c < classes; ++c) {
      const double probability = std::exp(static_cast<double>(of_row[c]) - sum);
      score_curvature[target.row * classes + c] +=
          static_cast<T>(probability * (1.0 - probability) * target.weight * target.share);
    }
  });
}

template void softmax_loss_forward<float>(const BatchShapes&, std::span<const float>,
                                          const Targets&, std::span<float>);
template void softmax_loss_backward<float>(const BatchShapes&, std::span<const float>,
                                           const Targets&, std::span<float>);
template void softmax_loss_curvature<float>(const BatchShapes&, std::span<const float>,
                                            const Targets&, std::span<float>);
template void softmax_loss_forward<double>(const BatchShapes&, std::span<const double>,
                                           const Targets&, std::span<double>);
template void softmax_loss_backward<double>(const BatchShapes&, std::span<const double>,
                                            const Targets&, std::span<double>);
template void softmax_loss_curvature<double>(const BatchShapes&, std::span<const double>,
                                             const Targets&, std::span<double>);

}  // namespace sluice::reference
