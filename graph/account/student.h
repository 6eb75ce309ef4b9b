// How far a mean of few values may be off.
#pragma once

#include <cstddef>
#include <vector>

namespace sluice::graph {

// Student's t at 97.5 %: half of a mean's 95 % interval, in standard errors of that mean. From 20
// degrees of freedom on the value of 20, which is a little too wide. `degrees` at least 1.
double student(std::size_t degrees);

// A mean and half of its 95 % interval; of fewer than two values that is not known.
struct MeanOf {
  double mean = 0.0;
  double half_interval = 0.0;
  std::size_t count = 0;

  bool known() const { return count >= 2; }
};
MeanOf mean_of(const std::vector<double>& values);

// Of `after` - `before`, value by value: what is common to both members of a pair (a seed, a minute
// of a machine) takes no part in the interval. As many of both.
MeanOf mean_difference(const std::vector<double>& before, const std::vector<double>& after);

}  // namespace sluice::graph
