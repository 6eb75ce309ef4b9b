#include "runtime/backend/reference/hinge_loss.h"

namespace sluice::reference {
namespace {

// Calls visit(class, excess) for each wrong class whose score comes within the margin.
template <class T, class Visit>
void for_each_excess(const HingeLoss& hinge, std::span<const T> scores, std::size_t label,
                     const Visit& visit) {
  for (std::size_t c = 0; c < scores.size(); ++c) {
    const double excess =
        static_cast<double>(scores[c]) - static_cast<double>(scores[label]) + hinge.margin;
    if (c != label && excess > 0.0) visit(c, excess);
  }
}

}  // namespace

template <class T>
void hinge_loss_forward(const HingeLoss& hinge, const BatchShapes& shapes,
                        std::span<const T> scores, const Targets& targets, std::span<T> losses) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(losses, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    double sum = 0.0;
    for_each_excess(hinge, scores.subspan(target.row * classes, classes), target.label,
                    [&](std::size_t, double excess) { sum += excess; });
    losses[target.row] += static_cast<T>(target.share * sum);
  });
}

template <class T>
void hinge_loss_backward(const HingeLoss& hinge, const BatchShapes& shapes,
                         std::span<const T> scores, const Targets& targets,
                         std::span<T> score_gradient) {
  const auto classes = static_cast<std::size_t>(shapes.in.elements());
  std::ranges::fill(score_gradient, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    const std::span<T> gradient = score_gradient.subspan(target.row * classes, classes);
    const T weight = static_cast<T>(target.weight * target.share);
    for_each_excess(hinge, scores.subspan(target.row * classes, classes), target.label,
                    [&](std::size_t c, double) {
                      gradient[c] += weight;
                      gradient[target.label] -= weight;
                    });
  });
}

template void hinge_loss_forward<float>(const HingeLoss&, const BatchShapes&,
                                        std::span<const float>, const Targets&, std::span<float>);
template void hinge_loss_backward<float>(const HingeLoss&, const BatchShapes&,
                                         std::span<const float>, const Targets&, std::span<float>);
template void hinge_loss_forward<double>(const HingeLoss&, const BatchShapes&,
                                         std::span<const double>, const Targets&,
                                         std::span<double>);
template void hinge_loss_backward<double>(const HingeLoss&, const BatchShapes&,
                                          std::span<const double>, const Targets&,
                                          std::span<double>);

}  // namespace sluice::reference
