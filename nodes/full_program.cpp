#include "nodes/full_program.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"
#include "runtime/net/dense_form.h"

namespace sluice::nodes {
namespace {

std::vector<std::optional<std::size_t>> own_layers(const Net& net) {
  std::vector<std::optional<std::size_t>> own;
  for (const Layer& layer : dense_form(net, {net.side, net.side}).layers) {
    const auto found = std::ranges::find(net.layers, layer.name, &Layer::name);
    own.push_back(found == net.layers.end()
                      ? std::nullopt
                      : std::optional(static_cast<std::size_t>(found - net.layers.begin())));
  }
  return own;
}

}  // namespace

FullProgram::FullProgram(const DensePrograms::Source& source, Room room)
    : programs_(source, room.kept_bytes),
      room_(room),
      batch_(static_cast<std::size_t>(source.options.batch)),
      channels_(static_cast<std::size_t>(source.net.channels)),
      own_layers_(own_layers(source.net)) {}

void FullProgram::run(Phase phase, const StepInput& input, Completion done) {
  if (phase == Phase::forward) now_ = &programs_.of(input.extent);
  require(now_ != nullptr, "{} without a forward before it", phase_name(phase));
  StepInput own = input;
  own.rows = input.rows.first(batch_ * channels_ * static_cast<std::size_t>(input.extent.pixels()));
  own.layer_rates = rates_of(input.layer_rates);
  now_->run(phase, own, std::move(done));
}

// For the layers of the dense form.
std::span<const double> FullProgram::rates_of(std::span<const double> layer_rates) {
  rates_.clear();
  if (layer_rates.empty()) return {};
  for (const auto& own : own_layers_) rates_.push_back(own ? layer_rates[*own] : 1.0);
  return rates_;
}

const Program& FullProgram::last() const {
  require(now_ != nullptr, "no step has been run yet");
  return *now_;
}

std::span<const float> FullProgram::scores() const { return last().scores(); }

std::span<const float> FullProgram::row_losses() const { return last().row_losses(); }

Tensor FullProgram::output(std::string_view layer) const {
  fail(ErrorKind::usage, "output of {}: a program of many sizes keeps none", layer);
}

}  // namespace sluice::nodes
