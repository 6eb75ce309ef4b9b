#include "graph/account/layer_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::graph {
namespace {

double seconds_of(const LayerRecord& layer) {
  return layer.forward_seconds + layer.backward_seconds + layer.update_seconds;
}

double step_seconds(const AccountRecord& account) {
  double sum = 0.0;
  for (const NodeRecord& node : account.nodes) {
    const bool of_training = node.name.find('/') == std::string::npos;
    if (node.lane == Lane::step && of_training) sum += node.busy_seconds;
  }
  return sum;
}

std::string line(const LayerRecord& layer, std::size_t width, double all) {
  const double per_step = 1e3 / static_cast<double>(std::max<std::int64_t>(layer.steps, 1));
  return fmt::format("{:<{}} {:>10.3f} {:>10.3f} {:>10.3f} {:>6.1f} %  {}\n", layer.name, width,
                     layer.forward_seconds * per_step, layer.backward_seconds * per_step,
                     layer.update_seconds * per_step,
                     all > 0.0 ? 100 * seconds_of(layer) / all : 0.0, layer.kind);
}

}  // namespace

std::string layer_table(const AccountRecord& account) {
  if (account.layers.empty()) return {};
  std::size_t width = 5;
  double all = 0.0;
  for (const LayerRecord& layer : account.layers) {
    width = std::max(width, layer.name.size());
    all += seconds_of(layer);
  }
  std::string text = fmt::format("{:<{}} {:>10} {:>10} {:>10} {:>8}\n", "layer", width,
                                 "forward ms", "backward", "update", "part");
  for (const LayerRecord& layer : account.layers) text += line(layer, width, all);
  const double step = step_seconds(account);
  text += fmt::format("layers: {:.2f} s in {} steps", all, account.layers.front().steps);
  if (step > 0.0)
    text += fmt::format(", {:.1f} % of the {:.2f} s in forward, backward and update",
                        100 * all / step, step);
  return text + "\n";
}

}  // namespace sluice::graph
