// The steps of a run as a curve of bounded length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace sluice::io {

// Some steps that follow each other.
struct StepPoint {
  std::int64_t step = 0;       // the last of them
  std::int64_t epoch = 0;      // its epoch
  std::optional<double> loss;  // mean over those that have one
  double loss_min = 0.0;
  double loss_max = 0.0;
  double learning_rate = 0.0;      // of the last
  double images_per_second = 0.0;  // mean
};

struct StepCurve {
  std::int64_t steps_per_point = 1;
  std::vector<StepPoint> points;
};

// From a run folder's `steps.csv`, all of the run however often it was resumed; at most `most`
// points (2 or more). An empty curve when there is no such file; a line that is no row of the table
// ends it.
StepCurve read_step_curve(const std::filesystem::path& steps_csv, std::size_t most);

}  // namespace sluice::io
