#include "runtime/backend/cudnn/program.h"

#include <algorithm>

#include "runtime/backend/canonical_rows.h"
#include "runtime/backend/reference/curvature.h"
#include "runtime/backend/step_part.h"
#include "runtime/backend/update_factors.h"
#include "runtime/error.h"

namespace sluice::cudnn {
namespace {

// What only the backends on the CPU compute yet.
void check_supported(const Net& net, const ProgramOptions& options) {
  const bool whole = std::ranges::any_of(net.layers, [](const Layer& layer) {
    return std::holds_alternative<Windows>(layer.spec) ||
           std::holds_alternative<WindowMean>(layer.spec);
  });
  require(!whole && net.whole == Extent{},
          "net {}: the cudnn backend takes squares of one size, not whole images; valid: --backend "
          "onednn, reference",
          net.name);
  require(options.dropout == DropoutUse::expected,
          "net {}: the cudnn backend samples no dropout in evaluation; valid: --backend onednn, "
          "reference",
          net.name);
}

std::exception_ptr no_device(const std::string& reason) {
  return std::make_exception_ptr(
      Error(ErrorKind::run, fmt::format("backend cudnn cannot be used here: {}", reason)));
}

}  // namespace

CudnnProgram::CudnnProgram(const Net& net, NetState& state, const ProgramOptions& options,
                           const DeviceAccess& access, Sharing sharing)
    : net_(net), state_(state), options_(options), shapes_(infer_shapes(net)), access_(access) {
  check_program(net, state, options);
  refuse_row_gradients("the cudnn backend", options);
  check_supported(net, options);
  const ParameterArrangement parameters(net_);
  plan_ = plan_program({.net = net_,
                        .shapes = shapes_,
                        .options = options_,
                        .parameters = parameters,
                        .sharing = sharing});
  if (access_.device != nullptr)
    uploads_ = std::make_unique<Uploads>(access_.device, access_.pinned);
  if (!training()) return;
  set_layouts();
  state.prepare_training();
  clear_frozen_gradients();
}

CudnnProgram::~CudnnProgram() { progress_.wait_for_answers(); }

// So that copies to and from the device change no order.
void CudnnProgram::set_layouts() {
  const ParameterArrangement parameters(net_);
  const NetState& state = state_;
  for (std::size_t i = 0; i < parameters.count(); ++i) {
    if (!same_order(*state.parameters()[i].layout, *parameters.layout(i)))
      state_.set_layout(i, parameters.layout(i));
  }
}

// No backward writes them: what another program left there must not look like theirs.
void CudnnProgram::clear_frozen_gradients() {
  for (Parameter& parameter : state_.parameters()) {
    if (!net_.layers[parameter.info.layer].learning.frozen) continue;
    std::ranges::fill(parameter.gradient.values(), 0.0F);
  }
}

bool CudnnProgram::is_last(Phase phase, const StepInput& input) const {
  return phase == input.last || !training() || phase == Phase::update || phase == Phase::curvature;
}

void CudnnProgram::run(Phase phase, const StepInput& input, Completion done) {
  if (const std::exception_ptr failure = progress_.failure()) return done(failure);
  order_.check(net_, options_, phase);
  if (phase == Phase::forward)
    check_input(net_, options_, shapes_, input, RowForms::floats_and_bytes);
  if (phase == Phase::update) check_layer_rates(net_, input);
  require(phase != Phase::curvature || input.row_bytes.empty(),
          "net {}: curvature is computed from rows in floats, not in bytes", net_.name);
  if (access_.device == nullptr) return done(no_device(access_.reason));
  const auto answer = std::make_shared<Answer>(Answer{.done = std::move(done)});
  try {
    answer->lock = std::make_unique<ProgramLock>(state_);
  } catch (...) {  // the wiring's mistake, not the device's
    return answer->done(std::current_exception());
  }
  try {
    order_.start(phase);
    enqueue(phase, input);
    order_.finish(phase);
    if (is_last(phase, input)) return finish(answer);
  } catch (...) {
    fail_with(current_failure({.backend = "cuDNN", .phase = phase, .state = state_}));
  }
  answer->lock.reset();
  answer->done(progress_.failure());
}

void CudnnProgram::enqueue(Phase phase, const StepInput& input) {
  if (phase == Phase::forward) return forward(input);
  progress_.set_under_way(true);
  if (phase == Phase::curvature) return reference::mean_curvature(net_, state_, input);
  enter_home();
  if (phase == Phase::backward) return backward(input);
  update(input);
}

void CudnnProgram::forward(const StepInput& input) {
  end_step_before();
  prepare();
  const UploadedRows rows = uploads_->take(input);
  slot_ = rows.slot;
  progress_.set_under_way(true);
  const std::size_t image = step_->image_bytes();
  step_->forward(input, rows, *home_);
  held_ += step_->image_bytes() - image;
  uploads_->go_on();
}

void CudnnProgram::backward(const StepInput& input) {
  step_->backward(*home_);
  state_.home_has_changed();
  state_.gradient_rows = counted_rows(input);
}

void CudnnProgram::update(const StepInput& input) {
  if (state_.gradient_rows == 0.0) return;  // no row counted: no mean to follow, nothing moves
  const UpdateOf update{.net = net_, .rule = options_.rule, .rows = state_.gradient_rows};
  step_->update(update, input, *home_);
  state_.home_has_changed();
  ++state_.version;
}

// A step whose last phase never came.
void CudnnProgram::end_step_before() {
  if (!progress_.under_way()) return;
  step_->wait();
  end_step();
}

// What is computed with must stand on the device.
void CudnnProgram::prepare() {
  if (step_ == nullptr) make_step();
  enter_home();
}

void CudnnProgram::enter_home() {
  if (state_.home() != home_) state_.set_home(home_);
  if (!state_.home_is_behind()) return;
  home_->send(state_.stored());
  state_.home_was_sent();
}

void CudnnProgram::make_step() {
  ParameterArrangement parameters(net_);
  auto home = std::dynamic_pointer_cast<DeviceParameters>(state_.home());
  if (home == nullptr || home->device() != access_.device) {
    home = std::make_shared<DeviceParameters>(access_.device, std::move(parameters));
  } else {
    require(home->arrangement().serves(parameters),
            "net {}: its tables differ from those of the net that the state is used for",
            net_.name);
  }
  state_.set_home(home);  // recording overwrites what stands there
  home->wait();
  home->allocate({.learning = training(), .rounded = options_.precision == Precision::bf16});
  step_ = std::make_unique<DeviceStep>(access_.device, plan_, access_.record, *home, clock_);
  home_ = std::move(home);
  held_ = step_->bytes() + home_->bytes();
}

void CudnnProgram::finish(const std::shared_ptr<Answer>& answer) {
  progress_.expect_answer();
  try {
    step_->queue().then([this, answer](std::exception_ptr failure) {
      if (failure) {
        fail_with(failure);
        failure = progress_.failure();
      } else {
        step_->read_clock();
        end_step();
      }
      answer->lock.reset();
      progress_.answered();
      answer->done(failure);
    });
  } catch (...) {
    progress_.answered();
    throw;
  }
}

void CudnnProgram::end_step() noexcept {
  if (slot_) uploads_->release(*slot_);
  slot_.reset();
  progress_.set_under_way(false);
}

void CudnnProgram::fail_with(const std::exception_ptr& cause) noexcept {
  progress_.fail(cause);
  end_step();
}

void CudnnProgram::upload(const StepInput& input, Completion done) {
  if (const std::exception_ptr failure = progress_.failure()) return done(failure);
  if (access_.device == nullptr) return done(no_device(access_.reason));
  check_input(net_, options_, shapes_, input, RowForms::floats_and_bytes);
  try {
    uploads_->begin(input);
  } catch (...) {
    progress_.fail(current_failure({.backend = "cuDNN", .phase = Phase::forward, .state = state_}));
  }
  done(progress_.failure());
}

RowMemory CudnnProgram::row_memory() const {
  if (access_.pinned == nullptr) return {};
  return [pinned = access_.pinned](std::size_t bytes) { return pinned->take(bytes); };
}

void CudnnProgram::settle() noexcept {
  if (uploads_ == nullptr) return;
  uploads_->settle();
  progress_.wait_for_answers();
  if (step_ != nullptr) step_->rest();
  if (step_ == nullptr || !progress_.under_way()) return;
  try {
    step_->wait();
  } catch (...) {  // a lost device reads nothing any more, and its cause was told
  }
  end_step();
}

std::optional<DeviceTimes> CudnnProgram::device_times() const {
  if (access_.device == nullptr) return std::nullopt;
  DeviceTimes times = clock_.times();
  times.device = access_.device->name();
  times.bytes_held = uploads_->bytes() + held_;
  return times;
}

std::span<const float> CudnnProgram::scores() const {
  if (!order_.has_outputs()) return {};
  if (progress_.under_way()) step_->wait();
  return step_->scores();
}

std::span<const float> CudnnProgram::row_losses() const {
  if (!order_.has_outputs()) return {};
  if (progress_.under_way()) step_->wait();
  return step_->losses();
}

Tensor CudnnProgram::output(std::string_view layer) const {
  const KeptLayer kept = kept_layer(net_, options_, shapes_, layer);
  require(order_.has_outputs(), "net {}: the output of layer {} needs a forward before it",
          net_.name, layer);
  const auto entry = std::ranges::find(options_.keep, layer) - options_.keep.begin();
  const Array& array = plan_.kept[static_cast<std::size_t>(entry)];
  Tensor copy{kept.output};
  const std::vector<std::byte> bytes =
      step_->look(array, static_cast<std::size_t>(array.count) * element_bytes(array.element));
  with_element(array.element, [&]<class T>(T) {
    const auto* values = reinterpret_cast<const T*>(bytes.data());
    channels_first(shapes_[kept.index].out,
                   std::span(values, static_cast<std::size_t>(array.count)), copy.values());
  });
  return copy;
}

std::size_t CudnnProgram::bytes() const {
  const auto outputs = static_cast<std::size_t>(plan_.scores.count + plan_.losses.count);
  const auto rows = static_cast<std::size_t>(plan_.input_values) * sizeof(float);
  std::size_t bytes = plan_.step.bytes + outputs * sizeof(float) + kUploadSlots * rows;
  if (training() && std::holds_alternative<DiagonalLmRule>(options_.rule))
    bytes += reference::mean_curvature_bytes(net_, options_.batch);
  return bytes;
}

}  // namespace sluice::cudnn
