#include "nodes/full_program.h"

#include <algorithm>
#include <bit>
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

// Up to the last one that counts, as a power of two, so that few numbers come.
std::size_t rows_that_count(std::span<const float> row_weights) {
  std::size_t rows = row_weights.size();
  while (rows > 1 && row_weights[rows - 1] == 0.0F) --rows;
  return std::min(std::bit_ceil(rows), row_weights.size());
}

template <class T>
std::span<const T> first_of(std::span<const T> values, std::size_t count) {
  return values.empty() ? values : values.first(count);
}

}  // namespace

FullProgram::FullProgram(const DensePrograms::Source& source, Room room)
    : programs_(source, room.kept_bytes),
      room_(room),
      batch_(static_cast<std::size_t>(source.options.batch)),
      channels_(static_cast<std::size_t>(source.net.channels)),
      classes_(static_cast<std::size_t>(class_count(source.net))),
      own_layers_(own_layers(source.net)) {}

void FullProgram::run(Phase phase, const StepInput& input, Completion done) {
  if (phase == Phase::forward) {
    rows_ = rows_that_count(input.row_weights);
    now_ = &programs_.of({.extent = input.extent, .rows = static_cast<int>(rows_)});
  }
  require(now_ != nullptr, "{} without a forward before it", phase_name(phase));
  now_->run(phase, of_rows(input, rows_),
            [this, phase, done = std::move(done)](std::exception_ptr failure) {
              if (!failure && phase == Phase::forward) take_results();
              done(failure);
            });
}

// The same step of that many rows.
StepInput FullProgram::of_rows(const StepInput& input, std::size_t rows) {
  StepInput own = input;
  own.rows = input.rows.first(rows * channels_ * static_cast<std::size_t>(input.extent.pixels()));
  own.labels = input.labels.first(rows);
  own.row_weights = input.row_weights.first(rows);
  own.other_labels = first_of(input.other_labels, rows);
  own.other_shares = first_of(input.other_shares, rows);
  own.layer_rates = rates_of(input.layer_rates);
  return own;
}

// For the layers of the dense form.
std::span<const double> FullProgram::rates_of(std::span<const double> layer_rates) {
  rates_.clear();
  if (layer_rates.empty()) return {};
  for (const auto& own : own_layers_) rates_.push_back(own ? layer_rates[*own] : 1.0);
  return rates_;
}

void FullProgram::take_results() {
  scores_.assign(batch_ * classes_, 0.0F);
  row_losses_.assign(batch_, 0.0F);
  std::ranges::copy(now_->scores(), scores_.begin());
  std::ranges::copy(now_->row_losses(), row_losses_.begin());
}

Tensor FullProgram::output(std::string_view layer) const {
  fail(ErrorKind::usage, "output of {}: a program of many sizes keeps none", layer);
}

}  // namespace sluice::nodes
