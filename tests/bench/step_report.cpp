#include "tests/bench/step_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "tests/bench/spread.h"

namespace sluice::bench {
namespace {

using onednn::LayerSeconds;

// Milliseconds, the median of the rounds; none for a layer that is not there.
LayerSeconds medians(const StepRounds& rounds, const std::string& layer) {
  std::vector<double> forward, backward, update;
  for (const std::vector<LayerSeconds>& round : rounds.layers) {
    for (const LayerSeconds& l : round) {
      if (l.name != layer) continue;
      forward.push_back(l.forward * 1e3);
      backward.push_back(l.backward * 1e3);
      update.push_back(l.update * 1e3);
    }
  }
  if (forward.empty()) return {.name = layer};
  return {layer, spread(forward).median, spread(backward).median, spread(update).median};
}

double sum(const LayerSeconds& l) { return l.forward + l.backward + l.update; }

std::string table_line(const LayerSeconds& step, const LayerSeconds& bare, double all) {
  const auto cell = [](double ms) {
    return ms < 0.005 ? std::string() : fmt::format("{:.2f}", ms);
  };
  return fmt::format("{:<10}{:>10}{:>10}{:>10}{:>8.2f}{:>14}{:>10}\n", step.name,
                     cell(step.forward), cell(step.backward), cell(step.update),
                     100.0 * sum(step) / all, cell(bare.forward), cell(bare.backward));
}

void add(LayerSeconds& to, const LayerSeconds& more) {
  to.forward += more.forward;
  to.backward += more.backward;
  to.update += more.update;
}

}  // namespace

std::string rounds_line(const std::string& name, const StepRounds& rounds) {
  const Spread s = spread(rounds.seconds), cpu = spread(rounds.cpu_seconds);
  return fmt::format("{:<18}{:>9.1f} ms ({:.1f}..{:.1f}), CPU {:.1f} ms ({:.1f}..{:.1f})\n", name,
                     s.median * 1e3, s.min * 1e3, s.max * 1e3, cpu.median * 1e3, cpu.min * 1e3,
                     cpu.max * 1e3);
}

std::string ratio_lines(const StepRounds& step, const StepRounds& bare) {
  const Spread each = spread_of_ratios(step.seconds, bare.seconds);
  const Spread cpu = spread_of_ratios(step.cpu_seconds, bare.cpu_seconds);
  return fmt::format(
      "step / bare       {:>9.3f} of the medians\n"
      "                  {:>9.3f} ({:.3f}..{:.3f}) in the rounds, by CPU {:.3f} ({:.3f}..{:.3f})\n",
      spread(step.seconds).median / spread(bare.seconds).median, each.median, each.min, each.max,
      cpu.median, cpu.min, cpu.max);
}

std::string layer_table(const StepRounds& step, const StepRounds& bare) {
  LayerSeconds all{.name = "sum"}, all_bare{.name = "sum"};
  for (const LayerSeconds& l : step.layers.front()) {
    add(all, medians(step, l.name));
    add(all_bare, medians(bare, l.name));
  }
  std::string table = fmt::format("{:<10}{:>10}{:>10}{:>10}{:>8}{:>14}{:>10}\n", "layer", "forward",
                                  "backward", "update", "%", "bare forward", "backward");
  for (const LayerSeconds& l : step.layers.front()) {
    const LayerSeconds of_step = medians(step, l.name);
    if (sum(of_step) < 1e-3) continue;  // a neighbour does it
    table += table_line(of_step, medians(bare, l.name), sum(all));
  }
  return table + table_line(all, all_bare, sum(all));
}

}  // namespace sluice::bench
