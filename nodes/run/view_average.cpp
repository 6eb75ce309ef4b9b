#include "nodes/run/view_average.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

const graph::BadItem* bad_item(std::span<const graph::BadItem> bad, int row) {
  const auto found = std::ranges::find(bad, row, &graph::BadItem::row);
  return found == bad.end() ? nullptr : &*found;
}

}  // namespace

ViewAverage::ViewAverage(std::vector<double> weights, std::vector<std::vector<int>> classes,
                         std::function<void(const Answer&)> tell)
    : weights_(std::move(weights)), classes_(std::move(classes)), tell_(std::move(tell)) {}

void ViewAverage::add(std::size_t branch, const graph::Batch& batch,
                      std::span<const double> probabilities) {
  require(probabilities.size() >= static_cast<std::size_t>(batch.count) * classes_[branch].size(),
          "{} probabilities for {} images of {} classes", probabilities.size(), batch.count,
          classes_[branch].size());
  const std::lock_guard lock(mutex_);
  Pending& pending = pending_[batch.number];
  if (pending.parts.empty()) {
    pending.parts.resize(weights_.size());
    pending.missing = weights_.size();
  }
  pending.parts[branch] = {{probabilities.begin(), probabilities.end()}, batch.bad};
  if (--pending.missing > 0) return;
  finish(pending, batch);
  pending_.erase(batch.number);
}

// In the branches' order, so that the sums are the same however they ran.
void ViewAverage::finish(const Pending& pending, const graph::Batch& batch) {
  const std::size_t classes = classes_.front().size();
  std::vector<double> mean(classes);
  for (int sample = 0; sample < batch.count; ++sample) {
    const auto at = static_cast<std::size_t>(sample);
    Answer answer{.id = batch.ids[at],
                  .label = batch.labels[at * static_cast<std::size_t>(batch.views)],
                  .bad = nullptr,
                  .probabilities = mean};
    std::ranges::fill(mean, 0.0);
    for (std::size_t b = 0; b < weights_.size(); ++b) {
      const Part& part = pending.parts[b];
      if (answer.bad == nullptr) answer.bad = bad_item(part.bad, sample);
      for (std::size_t c = 0; c < classes; ++c)
        mean[static_cast<std::size_t>(classes_[b][c])] +=
            weights_[b] * part.probabilities[at * classes + c];
    }
    if (answer.bad != nullptr) answer.probabilities = {};
    tell_(answer);
  }
}

}  // namespace sluice::nodes
