#include "runtime/backend/onednn/hinge_loss.h"

#include "runtime/backend/onednn/loss_rows.h"

namespace sluice::onednn {
namespace {

// How far each wrong score reaches over what the label's allows; 0 of the label's own.
struct Excess {
  std::span<const float> scores;
  std::size_t label;
  double margin;

  double operator()(std::size_t c) const {
    if (c == label) return 0.0;
    const double over = static_cast<double>(scores[c]) - static_cast<double>(scores[label]);
    return std::max(over + margin, 0.0);
  }
};

}  // namespace

HingeLossLayer::HingeLossLayer(const HingeLoss& spec, const CompileContext& context)
    : margin_(spec.margin),
      batch_(static_cast<std::size_t>(context.batch)),
      classes_(static_cast<std::size_t>(context.in.elements())) {}

void HingeLossLayer::forward(const Pass& pass) {
  row_losses(pass, {batch_, classes_}, [&](std::span<const float> scores, std::size_t label) {
    const Excess excess{scores, label, margin_};
    double loss = 0.0;
    for (std::size_t c = 0; c < classes_; ++c) loss += excess(c);
    return loss;
  });
}

void HingeLossLayer::backward(const Pass& pass) {
  row_slopes(pass, {batch_, classes_}, [&](const LossRow& row) {
    const Excess excess{row.scores, row.label, margin_};
    double over = 0.0;
    for (std::size_t c = 0; c < classes_; ++c) over += excess(c) > 0.0 ? 1.0 : 0.0;
    return [excess, over, weight = row.weight](std::size_t c) {
      if (c == excess.label) return -over * weight;
      return excess(c) > 0.0 ? weight : 0.0;
    };
  });
}

}  // namespace sluice::onednn
