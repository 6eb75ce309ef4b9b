#include "runtime/backend/cudnn/device_step.h"

#include <algorithm>

namespace sluice::cudnn {
namespace {

std::size_t f32_bytes(const Array& array) {
  return static_cast<std::size_t>(array.count) * sizeof(float);
}

std::byte*& block(Memory& memory, Home home) {
  return memory.blocks[static_cast<std::size_t>(home)];
}

}  // namespace

DeviceStep::DeviceStep(std::shared_ptr<Device> device, const Plan& plan,
                       const RecordOptions& record, const DeviceParameters& parameters,
                       DeviceClock& clock)
    : device_(std::move(device)),
      plan_(plan),
      record_(record),
      block_(device_->allocate(plan.program_bytes)),
      step_(device_->allocate(plan.step.bytes)),
      staging_(device_->allocate_pinned(plan.step.bytes)),
      outputs_(device_->allocate_pinned(f32_bytes(plan.scores) + f32_bytes(plan.losses))),
      clock_(clock),
      queue_(device_->make_queue("compute")) {
  block(memory_, Home::program) = block_.data();
  block(memory_, Home::step) = step_.data();
  parameters.put_into(memory_);
  forward_ = this->record(plan.forward, memory_);
  backward_ = this->record(plan.backward, memory_);
  update_ = this->record(plan.update, memory_);
}

std::unique_ptr<Recording> DeviceStep::record(const std::vector<Operation>& operations,
                                              const Memory& memory) const {
  if (operations.empty()) return nullptr;
  return device_->record(operations, memory, record_);
}

// Waits: an image comes with a program's first rows, and is no other after that.
void DeviceStep::take_image(const RowImage& image) {
  if (image.empty() || image.values == image_.values) return;
  const auto values = std::as_bytes(std::span(*image.values));
  wait();
  take_ = {};
  image_ = {};
  image_block_ = device_->allocate(values.size());
  const DeviceBlock pinned = device_->allocate_pinned(values.size());
  std::ranges::copy(values, pinned.data());
  queue_->copy_in({pinned.data(), values.size()}, image_block_.data());
  device_->wait_for(queue_->mark());
  image_ = image;
}

std::vector<Operation> DeviceStep::take_operations(RowForm form) const {
  if (form == RowForm::floats) return plan_.take_rows;
  std::vector<Operation> operations = plan_.take_bytes;
  for (Operation& operation : operations) {
    auto* take = std::get_if<TakeBytes>(&operation.what);
    if (take == nullptr || image_.empty()) continue;
    take->image = {Home::image, 0, static_cast<std::int64_t>(image_.values->size())};
    take->image_width = image_.extent.width;
  }
  return operations;
}

const Recording& DeviceStep::take_recording(const UploadedRows& rows) {
  Recorded& recorded = take_[rows.slot][static_cast<std::size_t>(rows.form)];
  if (recorded.data != rows.data) {
    Memory memory = memory_;
    block(memory, Home::input) = rows.data;
    block(memory, Home::image) = image_block_.data();
    recorded.recording = record(take_operations(rows.form), memory);
    recorded.data = rows.data;
  }
  return *recorded.recording;
}

std::span<std::byte> DeviceStep::staged(std::size_t begin, std::size_t end) const {
  return {staging_.data() + begin, end - begin};
}

void DeviceStep::run(Phase phase, const Recording* first, const Recording* second,
                     DeviceParameters& parameters) {
  const std::int64_t asked_ns = host_ns();
  const MarkPointer begin = queue_->mark();
  for (const Recording* recording : {first, second})
    if (recording != nullptr) queue_->run(*recording);
  last_ = queue_->mark();
  clock_.phase(phase, {begin, last_, asked_ns});
  parameters.leave(last_);
}

void DeviceStep::forward(const StepInput& input, const UploadedRows& rows,
                         DeviceParameters& parameters) {
  take_image(input.row_image);
  const Recording& take = take_recording(rows);
  const std::span<std::byte> said = staged(0, plan_.step.forward_bytes());
  write_forward(plan_.step, input, said);
  queue_->copy_in(said, step_.data());
  queue_->wait(rows.copied);
  parameters.enter(*queue_);
  clock_.copy(rows.span, rows.bytes);
  run(Phase::forward, &take, forward_.get(), parameters);
  const std::size_t scores = f32_bytes(plan_.scores), losses = f32_bytes(plan_.losses);
  queue_->copy_out(memory_.at(plan_.scores), {outputs_.data(), scores});
  queue_->copy_out(memory_.at(plan_.losses), {outputs_.data() + scores, losses});
  last_ = queue_->mark();
}

void DeviceStep::backward(DeviceParameters& parameters) {
  parameters.enter(*queue_);
  run(Phase::backward, backward_.get(), nullptr, parameters);
}

void DeviceStep::update(const UpdateOf& update, const StepInput& input,
                        DeviceParameters& parameters) {
  const std::size_t begin = plan_.step.forward_bytes();
  write_update(plan_.step, update, input, staged(0, plan_.step.bytes));
  queue_->copy_in(staged(begin, plan_.step.bytes), step_.data() + begin);
  parameters.enter(*queue_);
  run(Phase::update, update_.get(), nullptr, parameters);
}

void DeviceStep::wait() const {
  if (last_ != nullptr) device_->wait_for(last_);
}

std::span<const float> DeviceStep::scores() const {
  return {reinterpret_cast<const float*>(outputs_.data()),
          static_cast<std::size_t>(plan_.scores.count)};
}

std::span<const float> DeviceStep::losses() const {
  return {scores().data() + scores().size(), static_cast<std::size_t>(plan_.losses.count)};
}

std::vector<std::byte> DeviceStep::look(const Array& array, std::size_t bytes) {
  const DeviceBlock pinned = device_->allocate_pinned(bytes);
  queue_->copy_out(memory_.at(array), {pinned.data(), bytes});
  device_->wait_for(queue_->mark());
  return {pinned.data(), pinned.data() + bytes};
}

std::size_t DeviceStep::library_bytes() const {
  std::size_t bytes = 0;
  for (const auto* recording : {&forward_, &backward_, &update_}) {
    if (*recording == nullptr) continue;
    std::size_t most = 0;
    for (const Choice& choice : device_->choices(**recording))
      most = std::max(most, choice.workspace);
    bytes += most;
  }
  return bytes;
}

std::vector<Choice> DeviceStep::choices() const {
  std::vector<Choice> all;
  for (const auto* recording : {&forward_, &backward_, &update_}) {
    if (*recording == nullptr) continue;
    const std::vector<Choice> some = device_->choices(**recording);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace sluice::cudnn
