#include "graph/account/common_factor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sluice::graph {
namespace {

// Drift below this says nothing about shares.
constexpr double kQuiet = 0.02;
// How well a share, and with it what is taken off for the machine, is known.
constexpr double kShareError = 0.5;
// What varies much from window to window also differs a little more between processes.
constexpr double kOfSpread = 0.03;
constexpr double kClearlyQuieter = 0.8;
// Better than this no level is known: several nodes together tell what is common.
constexpr double kBestLevel = 0.01;
// Of fewer nodes nobody knows which one changed and which the machine slowed.
constexpr std::size_t kFewestTogether = 3;
constexpr double kNormal = 1.4826;        // deviation of normal values / median distance
constexpr double kMedianOfNormal = 1.25;  // error of a median / of a mean
constexpr double kMiddleOfNormal = 1.1;   // the same of the mean of the middle half
constexpr std::size_t kStretches = 6;

struct Weighed {
  double value = 0.0;
  double weight = 0.0;
};

double weighted_median(std::vector<Weighed> all) {
  std::sort(all.begin(), all.end(),
            [](const Weighed& a, const Weighed& b) { return a.value < b.value; });
  double half = 0.0;
  for (const Weighed& one : all) half += one.weight / 2;
  double sum = 0.0;
  for (const Weighed& one : all) {
    sum += one.weight;
    if (sum >= half) return one.value;
  }
  return 0.0;
}

double spread(const std::vector<double>& values) {
  const double middle = median(values);
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - middle));
  return kNormal * median(std::move(distances));
}

// Of neighbours in time, from 0; values far out count as less far.
double correlation(const std::vector<double>& values, double deviation) {
  const double middle = median(values);
  double of_neighbours = 0.0, of_all = 0.0, last = 0.0;
  for (const double value : values) {
    const double now = std::clamp(value - middle, -3 * deviation, 3 * deviation);
    of_neighbours += now * last;
    of_all += now * now;
    last = now;
  }
  return of_all > 0.0 ? std::clamp(of_neighbours / of_all, 0.0, 0.9) : 0.0;
}

// Mean of the middle half: as deaf to what is far out as a median, and less noisy.
double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t quarter = values.size() / 4;
  double sum = 0.0;
  for (std::size_t i = quarter; i < values.size() - quarter; ++i) sum += values[i];
  return sum / static_cast<double>(values.size() - 2 * quarter);
}

// Its error, of values that come one after the other.
double error_of_middle(const std::vector<double>& values) {
  const double deviation = spread(values);
  const auto count = static_cast<double>(values.size());
  const double by_chance = 1.0 / std::sqrt(count);
  const double rho = std::max(correlation(values, deviation) - by_chance, 0.0);
  return kMiddleOfNormal * deviation * std::sqrt((1 + rho) / (1 - rho) / count);
}

// The same from how far long stretches lie apart: what changes slowly, or once, is not seen in
// neighbours.
double error_of_stretches(const std::vector<double>& values) {
  const std::size_t length = values.size() / kStretches;
  if (length == 0) return 0.0;
  double sum = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < kStretches; ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * length);
    const double middle = middle_of({begin, begin + static_cast<std::ptrdiff_t>(length)});
    sum += middle;
    squares += middle * middle;
  }
  constexpr double kCount = kStretches;
  const double variance = std::max(squares - sum * sum / kCount, 0.0) / (kCount - 1);
  return std::sqrt(variance / kCount);
}

// What a node counts for in a median over nodes: no node by itself decides it.
double weight_of(const Series& series) {
  const double noise = spread(series.values);
  return 1.0 / std::sqrt(kQuiet * kQuiet + noise * noise + series.clock * series.clock);
}

// What the other nodes do together in each window, from their own middle.
std::vector<double> drift_without(const std::vector<Series>& series, std::size_t left_out) {
  std::vector<double> middles, weights;
  for (const Series& one : series) {
    middles.push_back(median(one.values));
    weights.push_back(weight_of(one));
  }
  std::vector<double> drift;
  for (std::size_t w = 0; w < series.front().values.size(); ++w) {
    std::vector<Weighed> of_window;
    for (std::size_t n = 0; n < series.size(); ++n)
      if (n != left_out) of_window.push_back({series[n].values[w] - middles[n], weights[n]});
    drift.push_back(weighted_median(std::move(of_window)));
  }
  return drift;
}

double share_of(const std::vector<double>& values, const std::vector<double>& drift) {
  const double middle = median(values);
  const double prior = kQuiet * kQuiet * static_cast<double>(values.size());
  double together = prior, alone = prior;
  for (std::size_t w = 0; w < values.size(); ++w) {
    together += (values[w] - middle) * drift[w];
    alone += drift[w] * drift[w];
  }
  return std::clamp(together / alone, 0.1, 5.0);
}

double square(double value) { return value * value; }

// Level and error of one node before the common part is known; `rest`: its windows without drift.
struct Alone {
  std::vector<double> rest;
  double share = 1.0;
  double level = 0.0;
  double error = 0.0;
};

double noise_of(const std::vector<double>& values) {
  return std::max(error_of_middle(values), error_of_stretches(values));
}

// Without what goes with the others, where that makes the node quieter: drift is itself measured
// with noise, which must not be put into a node that does not feel it.
Alone alone(const std::vector<Series>& series, std::size_t node) {
  Alone result{.rest = series[node].values};
  if (series.size() >= kFewestTogether) {
    const std::vector<double> drift = drift_without(series, node);
    result.share = share_of(result.rest, drift);
    std::vector<double> without = result.rest;
    const double middle = middle_of(drift);
    for (std::size_t w = 0; w < drift.size(); ++w) without[w] -= result.share * (drift[w] - middle);
    if (noise_of(without) < kClearlyQuieter * noise_of(result.rest))
      result.rest = std::move(without);
  }
  result.level = middle_of(result.rest);
  const double between = series[node].between_processes + kOfSpread * spread(result.rest);
  result.error =
      std::sqrt(square(noise_of(result.rest)) + square(between) + square(series[node].clock));
  return result;
}

// Drift is measured with noise, which makes all shares too small by one factor.
void make_median_share_one(std::vector<Alone>& nodes) {
  std::vector<Weighed> shares;
  for (const Alone& node : nodes) shares.push_back({node.share, 1.0 / (kQuiet + node.error)});
  const double middle = weighted_median(std::move(shares));
  for (Alone& node : nodes) node.share /= middle;
}

struct Together {
  double level = 0.0;
  double error = 0.0;
};

// What nodes have in common: nothing of few. A node's own change must not be taken for the others',
// so each is measured against the rest.
Together together_without(const std::vector<Alone>& nodes, std::size_t left_out) {
  std::vector<Weighed> levels;
  double weights = 0.0, squares = 0.0;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (n == left_out) continue;
    const double weight = 1.0 / (square(nodes[n].error) + square(kBestLevel));
    levels.push_back({nodes[n].level / nodes[n].share, weight * nodes[n].share});
    weights += weight;
    squares += square(weight * nodes[n].error);
  }
  Together together;
  if (nodes.size() >= kFewestTogether) together.level = weighted_median(std::move(levels));
  if (weights > 0.0) together.error = kMedianOfNormal * std::sqrt(squares) / weights;
  return together;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

CommonFactor common_factor(const std::vector<Series>& series) {
  CommonFactor factor;
  std::vector<Alone> nodes;
  for (std::size_t n = 0; n < series.size(); ++n) nodes.push_back(alone(series, n));
  make_median_share_one(nodes);
  const Together all = together_without(nodes, nodes.size());
  factor.common = all.level;
  factor.error = all.error;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const Alone& node = nodes[n];
    const Together others = together_without(nodes, n);
    factor.levels.push_back(
        {.change = node.level - node.share * others.level,
         .error = std::sqrt(square(node.error) + square(node.share * others.error) +
                            square(kShareError * node.share * others.level)),
         .share = node.share});
  }
  return factor;
}

}  // namespace sluice::graph
