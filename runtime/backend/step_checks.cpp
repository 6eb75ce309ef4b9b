#include "runtime/backend/step_checks.h"

#include <algorithm>
#include <new>

#include "runtime/backend/update_factors.h"
#include "runtime/error.h"

namespace sluice {
namespace {

void check_state(const Net& net, const NetState& state) {
  const std::vector<ParameterInfo> infos = parameters(net);
  bool fits = infos.size() == state.parameters().size();
  for (std::size_t i = 0; fits && i < infos.size(); ++i) {
    fits = infos[i].shape == state.parameters()[i].info.shape;
  }
  require(fits, "net {}: the state was made for another net, its parameters differ", net.name);
}

std::size_t layer_index(const Net& net, std::string_view name) {
  const auto found = std::ranges::find(net.layers, name, &Layer::name);
  require(found != net.layers.end(), "net {}: has no layer named {}", net.name, name);
  return static_cast<std::size_t>(found - net.layers.begin());
}

void check_images(const Net& net, const StepInput& input) {
  const Extent image = input.row_image.extent;
  for (std::size_t row = 0; row < input.transforms.size(); ++row) {
    const RowTransform& transform = input.transforms[row];
    if (!subtracts_image(transform)) continue;
    require(!input.row_image.empty(), "net {}: row {} subtracts an image, and there is none",
            net.name, row);
    const Box window{transform.left, transform.top, net.extent()};
    require(inside(window, image),
            "net {}: row {} subtracts {}x{} pixels at {},{} of an image of "
            "{}x{}",
            net.name, row, window.extent.width, window.extent.height, window.left, window.top,
            image.width, image.height);
  }
}

// In floats, or as bytes.
void check_rows(const Net& net, const ProgramOptions& options, std::span<const LayerShapes> shapes,
                const StepInput& input, RowForms forms) {
  const auto batch = static_cast<std::size_t>(options.batch);
  const std::size_t values = batch * static_cast<std::size_t>(shapes.front().in.elements());
  if (input.row_bytes.empty())
    return require(input.rows.size() == values,
                   "net {}: {} floats in the rows, a batch of {} needs {}", net.name,
                   input.rows.size(), batch, values);
  require(forms == RowForms::floats_and_bytes,
          "net {}: rows of bytes for a program that takes none; valid: rows of floats", net.name);
  require(input.row_bytes.size() == values, "net {}: rows of {} bytes, a batch of {} needs {}",
          net.name, input.row_bytes.size(), batch, values);
  require(input.transforms.empty() || input.transforms.size() == batch,
          "net {}: {} row transforms, valid is none or one for each of the {} rows", net.name,
          input.transforms.size(), batch);
  check_images(net, input);
}

}  // namespace

void check_batch(const Net& net, const ProgramOptions& options) {
  require(options.batch > 0, "net {}: batch of {} rows, it needs at least 1", net.name,
          options.batch);
}

void check_program(const Net& net, const NetState& state, const ProgramOptions& options) {
  check_batch(net, options);
  require(is_loss(net.layers.back().spec), "net {}: its last layer must be a loss", net.name);
  check_state(net, state);
  if (options.purpose == Purpose::training) check_rule(net, options.rule);
  for (const std::string& name : options.keep) (void)layer_index(net, name);
}

void refuse_row_gradients(std::string_view what, const ProgramOptions& options) {
  require(
      options.purpose != Purpose::row_gradients,
      "{} cannot go back to the rows of a net; valid: the onednn or reference backend, a step in "
      "one piece",
      what);
}

RowForms row_forms_of(const Program& program) {
  return program.takes_bytes() ? RowForms::floats_and_bytes : RowForms::floats;
}

namespace {

void check_other_labels(const Net& net, const StepInput& input, std::int64_t classes) {
  const std::size_t batch = input.labels.size();
  require(input.other_labels.size() == input.other_shares.size() &&
              (input.other_shares.empty() || input.other_shares.size() == batch),
          "net {}: {} other labels and {} shares, a batch has none or {} of each", net.name,
          input.other_labels.size(), input.other_shares.size(), batch);
  for (std::size_t row = 0; row < input.other_shares.size(); ++row) {
    const float share = input.other_shares[row];
    if (input.row_weights[row] == 0.0F || share == 0.0F) continue;
    const std::int32_t label = input.other_labels[row];
    require(share > 0.0F && share <= 1.0F,
            "net {}: the other label of row {} has a share of {}; valid: 0 to 1", net.name, row,
            share);
    require(label >= 0 && label < classes,
            "net {}: other label {} of row {} is outside the {} classes", net.name, label, row,
            classes);
  }
}

}  // namespace

void check_input(const Net& net, const ProgramOptions& options, std::span<const LayerShapes> shapes,
                 const StepInput& input, RowForms forms) {
  const auto batch = static_cast<std::size_t>(options.batch);
  check_rows(net, options, shapes, input, forms);
  require(input.labels.size() == batch && input.row_weights.size() == batch,
          "net {}: {} labels and {} row weights, a batch needs {} of each", net.name,
          input.labels.size(), input.row_weights.size(), batch);
  const std::int64_t classes = shapes.back().in.elements();
  for (std::size_t row = 0; row < batch; ++row) {
    const std::int32_t label = input.labels[row];
    require(input.row_weights[row] == 0.0F || (label >= 0 && label < classes),
            "net {}: label {} of row {} is outside the {} classes", net.name, label, row, classes);
  }
  check_other_labels(net, input, classes);
}

KeptLayer kept_layer(const Net& net, const ProgramOptions& options,
                     std::span<const LayerShapes> shapes, std::string_view layer) {
  require(std::ranges::find(options.keep, layer) != options.keep.end(),
          "net {}: the output of layer {} was not kept, name it in ProgramOptions::keep", net.name,
          layer);
  const std::size_t index = layer_index(net, layer);
  std::vector<std::int64_t> sizes = shapes[index].out.sizes();
  sizes.insert(sizes.begin(), std::int64_t{options.batch} * shapes[index].out_rows);
  return {.index = index, .output = Shape(std::move(sizes))};
}

Shape row_gradient_shape(const Net& net, const ProgramOptions& options,
                         std::span<const LayerShapes> shapes, const PhaseOrder& order) {
  require(options.purpose == Purpose::row_gradients,
          "net {}: the program was not compiled for row gradients", net.name);
  require(order.has_row_gradients(), "net {}: row gradients need a backward before them", net.name);
  std::vector<std::int64_t> sizes = shapes.front().in.sizes();
  sizes.insert(sizes.begin(), options.batch);
  return Shape(std::move(sizes));
}

void PhaseOrder::check(const Net& net, const ProgramOptions& options, Phase phase) const {
  require(phase == Phase::forward || goes_backward(options.purpose),
          "net {}: an evaluation program has no {}, valid is forward", net.name, phase_name(phase));
  require(
      phase == Phase::forward || phase == Phase::backward || options.purpose == Purpose::training,
      "net {}: a program for row gradients has no {}, valid are forward, backward", net.name,
      phase_name(phase));
  const bool after_forward = phase == Phase::backward || phase == Phase::curvature;
  require(!after_forward || forward_done_, "net {}: {} needs a forward before it", net.name,
          phase_name(phase));
  require(phase != Phase::curvature || std::holds_alternative<DiagonalLmRule>(options.rule),
          "net {}: only diagonal Levenberg-Marquardt has a phase curvature", net.name);
  require(phase != Phase::update || backward_done_, "net {}: update needs a backward before it",
          net.name);
}

void PhaseOrder::start(Phase phase) {
  switch (phase) {
    case Phase::forward:
      *this = {};
      return;
    case Phase::backward:
    case Phase::curvature:
      forward_done_ = false;
      return;
    case Phase::update:
      backward_done_ = false;
      return;
  }
}

void PhaseOrder::finish(Phase phase) {
  if (phase == Phase::forward) forward_done_ = has_outputs_ = true;
  if (phase == Phase::backward) backward_done_ = true;
}

std::exception_ptr current_failure(const PhaseRun& run) {
  try {
    throw;
  } catch (const Error&) {
    return std::current_exception();
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(
        Error(ErrorKind::run,
              fmt::format("{} backend, {}: out of memory", run.backend, phase_name(run.phase))));
  } catch (const std::exception& other) {
    return std::make_exception_ptr(
        Error(ErrorKind::run,
              fmt::format("{} backend, {}: {}", run.backend, phase_name(run.phase), other.what())));
  }
}

}  // namespace sluice
