#include "nodes/run/occlusion.h"

#include <algorithm>
#include <cmath>

#include "nodes/run/run_phase.h"
#include "nodes/softmax.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

Place place_of(std::span<const int> starts, std::size_t number) {
  return {.left = starts[number % starts.size()], .top = starts[number / starts.size()]};
}

// A program's batch of occluded copies.
class Copies {
 public:
  explicit Copies(const OcclusionRun& run)
      : run_(run),
        rows_(static_cast<std::size_t>(run.batch) * run.shape.floats()),
        labels_(static_cast<std::size_t>(run.batch), 0),
        weights_(static_cast<std::size_t>(run.batch), 0.0F) {}

  std::span<float> row(std::size_t i) {
    return std::span(rows_).subspan(i * run_.shape.floats(), run_.shape.floats());
  }
  // The class's probability in each of the first `count` rows, behind what is there.
  void answer(std::size_t count, std::vector<double>& probabilities) {
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = i < count ? 1.0F : 0.0F;
    run_phase(run_.program, Phase::forward,
              {.rows = rows_, .labels = labels_, .row_weights = weights_, .last = Phase::forward});
    const std::span<const float> scores = run_.program.scores();
    const std::size_t classes = scores.size() / weights_.size();
    std::vector<double> of_row(classes);
    for (std::size_t i = 0; i < count; ++i) {
      softmax(scores.subspan(i * classes, classes), of_row);
      probabilities.push_back(of_row[static_cast<std::size_t>(run_.of_class)]);
    }
  }

 private:
  const OcclusionRun& run_;
  std::vector<float> rows_;
  std::vector<std::int32_t> labels_;
  std::vector<float> weights_;
};

}  // namespace

Square usual_square(int row_side) {
  const int side = std::max(1, row_side / 6);
  return {.side = side, .step = std::max(1, side / 2)};
}

std::vector<int> square_starts(int row_side, Square square) {
  require(square.side >= 1 && square.side <= row_side,
          "a square of {} pixels to cover images of {}; valid: 1 to {}", square.side, row_side,
          row_side);
  require(square.step >= 1, "a square that moves by {} pixels; valid: 1 or more", square.step);
  std::vector<int> starts;
  for (int start = 0; start < row_side - square.side; start += square.step) starts.push_back(start);
  starts.push_back(row_side - square.side);
  return starts;
}

std::array<float, 3> mean_colour(std::span<const float> row, int channels) {
  std::array<double, 3> sums{};
  const auto count = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < row.size(); ++i) sums[i % count] += static_cast<double>(row[i]);
  std::array<float, 3> colour{};
  for (std::size_t c = 0; c < count; ++c)
    colour[c] = static_cast<float>(sums[c] / static_cast<double>(row.size() / count));
  return colour;
}

void cover(std::span<const float> row, RowShape shape, const Square& square, const Place& place,
           std::array<float, 3> colour, std::span<float> to) {
  std::ranges::copy(row, to.begin());
  for (int y = place.top; y < place.top + square.side; ++y)
    for (int x = place.left; x < place.left + square.side; ++x)
      for (int c = 0; c < shape.channels; ++c)
        to[static_cast<std::size_t>((y * shape.side + x) * shape.channels + c)] =
            colour[static_cast<std::size_t>(c)];
}

OcclusionMap occlusion_map(const OcclusionRun& run, std::span<const float> row, Square square,
                           const BetweenBatches& between) {
  OcclusionMap map{.square = square,
                   .starts = square_starts(run.shape.side, square),
                   .whole = 0.0,
                   .probabilities = {}};
  const std::array<float, 3> colour = mean_colour(row, run.shape.channels);
  Copies copies(run);
  std::vector<double> whole;
  std::ranges::copy(row, copies.row(0).begin());
  copies.answer(1, whole);
  map.whole = whole.front();
  const std::size_t places = map.starts.size() * map.starts.size();
  for (std::size_t first = 0; first < places;) {
    between({.done = first, .all = places});
    const std::size_t count = std::min(places - first, static_cast<std::size_t>(run.batch));
    for (std::size_t i = 0; i < count; ++i)
      cover(row, run.shape, square, place_of(map.starts, first + i), colour, copies.row(i));
    copies.answer(count, map.probabilities);
    first += count;
  }
  return map;
}

bool is_finite(const OcclusionMap& map) {
  return std::isfinite(map.whole) &&
         std::ranges::all_of(map.probabilities, [](double p) { return std::isfinite(p); });
}

std::vector<float> mean_falls(const OcclusionMap& map, int row_side) {
  const auto side = static_cast<std::size_t>(row_side);
  std::vector<double> sums(side * side, 0.0), counts(side * side, 0.0);
  for (std::size_t i = 0; i < map.probabilities.size(); ++i) {
    const Place place = place_of(map.starts, i);
    for (int y = place.top; y < place.top + map.square.side; ++y)
      for (int x = place.left; x < place.left + map.square.side; ++x) {
        const auto pixel = static_cast<std::size_t>(y * row_side + x);
        sums[pixel] += map.whole - map.probabilities[i];
        counts[pixel] += 1.0;
      }
  }
  std::vector<float> falls(sums.size(), 0.0F);  // a step wider than the square leaves pixels out
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (counts[i] > 0.0) falls[i] = static_cast<float>(sums[i] / counts[i]);
  return falls;
}

}  // namespace sluice::nodes
