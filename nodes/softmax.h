// Probabilities of scores.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace sluice::nodes {

// exp(score) / sum of exp, in double and without overflow; not a number where a score is none.
// `probabilities` has as many elements, at least 1.
inline void softmax(std::span<const float> scores, std::span<double> probabilities) {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double sum = 0.0;
  for (std::size_t c = 0; c < scores.size(); ++c)
    sum += probabilities[c] = std::exp(static_cast<double>(scores[c]) - largest);
  for (double& probability : probabilities) probability /= sum;
}

}  // namespace sluice::nodes
