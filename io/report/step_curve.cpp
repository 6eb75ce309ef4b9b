#include "io/report/step_curve.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace sluice::io {
namespace {

std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

template <class Number>
bool read_number(std::string_view field, Number& number) {
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  return error == std::errc() && end == field.data() + field.size();
}

// step,epoch,images,loss,learning_rate,images_per_second
std::optional<StepPoint> read_row(std::string_view line) {
  StepPoint row;
  if (!read_number(take_field(line), row.step) || !read_number(take_field(line), row.epoch))
    return std::nullopt;
  take_field(line);
  const std::string_view loss = take_field(line);
  if (!loss.empty()) {
    if (!read_number(loss, row.loss.emplace())) return std::nullopt;
    row.loss_min = row.loss_max = *row.loss;
  }
  if (!read_number(take_field(line), row.learning_rate) ||
      !read_number(take_field(line), row.images_per_second) || !line.empty())
    return std::nullopt;
  return row;
}

// A point and how many steps are in it.
struct Bucket {
  StepPoint point;
  std::int64_t steps = 0;
  std::int64_t losses = 0;

  void add(const Bucket& more) {
    const double all = static_cast<double>(steps + more.steps);
    point.step = more.point.step;
    point.epoch = more.point.epoch;
    point.learning_rate = more.point.learning_rate;
    point.images_per_second = (point.images_per_second * static_cast<double>(steps) +
                               more.point.images_per_second * static_cast<double>(more.steps)) /
                              all;
    steps += more.steps;
    if (more.losses == 0) return;
    if (losses == 0) {
      point.loss = more.point.loss;
      point.loss_min = more.point.loss_min;
      point.loss_max = more.point.loss_max;
    } else {
      point.loss = (*point.loss * static_cast<double>(losses) +
                    *more.point.loss * static_cast<double>(more.losses)) /
                   static_cast<double>(losses + more.losses);
      point.loss_min = std::min(point.loss_min, more.point.loss_min);
      point.loss_max = std::max(point.loss_max, more.point.loss_max);
    }
    losses += more.losses;
  }
};

void halve(std::vector<Bucket>& buckets) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < buckets.size(); i += 2) {
    Bucket both = buckets[i];
    if (i + 1 < buckets.size()) both.add(buckets[i + 1]);
    buckets[kept++] = both;
  }
  buckets.resize(kept);
}

}  // namespace

StepCurve read_step_curve(const std::filesystem::path& steps_csv, std::size_t most) {
  std::ifstream file(steps_csv);
  StepCurve curve;
  std::vector<Bucket> buckets;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) {
    const std::optional<StepPoint> row = read_row(line);
    if (!row) break;
    const Bucket step{.point = *row, .steps = 1, .losses = row->loss ? 1 : 0};
    if (!buckets.empty() && buckets.back().steps < curve.steps_per_point) {
      buckets.back().add(step);
      continue;
    }
    if (buckets.size() == most) {
      halve(buckets);
      curve.steps_per_point *= 2;
    }
    if (!buckets.empty() && buckets.back().steps < curve.steps_per_point) {
      buckets.back().add(step);
    } else {
      buckets.push_back(step);
    }
  }
  for (const Bucket& bucket : buckets) curve.points.push_back(bucket.point);
  return curve;
}

}  // namespace sluice::io
