#include "graph/account/student.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::graph {
namespace {

constexpr std::array<double, 20> kStudent = {12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                             2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                             2.131, 2.120, 2.110, 2.101, 2.093, 2.086};

}  // namespace

double student(std::size_t degrees) {
  return kStudent[std::clamp<std::size_t>(degrees, 1, kStudent.size()) - 1];
}

MeanOf mean_of(const std::vector<double>& values) {
  MeanOf result{.count = values.size()};
  if (values.empty()) return result;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / count;
  if (!result.known()) return result;
  double squares = 0.0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.half_interval = student(values.size() - 1) * std::sqrt(squares / (count - 1.0) / count);
  return result;
}

MeanOf mean_difference(const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
    differences.push_back(after[i] - before[i]);
  return mean_of(differences);
}

}  // namespace sluice::graph
