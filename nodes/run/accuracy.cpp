#include "nodes/run/accuracy.h"

#include <cmath>
#include <limits>

namespace sluice::nodes {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <class T>
int rank_among(std::span<const T> scores, std::int32_t label) {
  const auto own = static_cast<std::size_t>(label);
  if (std::isnan(scores[own])) return std::numeric_limits<int>::max();
  int above = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > scores[own] || (scores[i] == scores[own] && i < own)) ++above;
  }
  return above;
}

template <class T>
int best_of(std::span<const T> scores) {
  int best = -1;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) continue;
    if (best < 0 || scores[i] > scores[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
  }
  return best;
}

}  // namespace

int rank_of(std::span<const float> scores, std::int32_t label) { return rank_among(scores, label); }
int rank_of(std::span<const double> scores, std::int32_t label) {
  return rank_among(scores, label);
}

int predicted_class(std::span<const float> scores) { return best_of(scores); }
int predicted_class(std::span<const double> scores) { return best_of(scores); }

Accuracy::Accuracy(int classes)
    : class_images_(static_cast<std::size_t>(classes)),
      class_right_(static_cast<std::size_t>(classes)) {
  if (classes <= kMostConfused) confusions_.resize(class_images_.size() * class_images_.size());
}

void Accuracy::add(const graph::Batch& batch) {
  const std::size_t classes = class_images_.size();
  for (std::size_t row = 0; row < batch.row_weights.size(); ++row) {
    if (batch.row_weights[row] == 0.0F) continue;
    const std::int32_t label = batch.labels[row];
    const std::span<const float> scores = std::span(batch.scores).subspan(row * classes, classes);
    count(label, rank_of(scores, label), predicted_class(scores));
  }
}

void Accuracy::add(std::int32_t label, std::span<const double> scores) {
  count(label, rank_of(scores, label), predicted_class(scores));
}

void Accuracy::count(std::int32_t label, int rank, int predicted) {
  const auto own = static_cast<std::size_t>(label);
  if (!confusions_.empty() && predicted >= 0)
    ++confusions_[own * class_images_.size() + static_cast<std::size_t>(predicted)];
  ++images_;
  ++class_images_[own];
  if (rank < 5) ++right5_;
  if (rank == 0) {
    ++right1_;
    ++class_right_[own];
  }
}

double Accuracy::top1() const { return share(right1_, images_); }
double Accuracy::top5() const { return share(right5_, images_); }

double Accuracy::per_class() const {
  double sum = 0.0;
  int present = 0;
  for (std::size_t c = 0; c < class_images_.size(); ++c) {
    if (class_images_[c] == 0) continue;
    sum += share(class_right_[c], class_images_[c]);
    ++present;
  }
  return present == 0 ? 0.0 : sum / present;
}

}  // namespace sluice::nodes
