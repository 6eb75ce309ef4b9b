#include "tests/device/device_trial.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation_arrays.h"
#include "runtime/random.h"
#include "runtime/row_transform.h"

namespace sluice::cudnn::test {
namespace {

constexpr std::size_t kStaging = std::size_t{16} << 20;

std::size_t index(Home home) { return static_cast<std::size_t>(home); }

void put_numbers(std::byte* to, std::int64_t count, double scale, std::uint32_t seed) {
  Random random(RandomKey{.seed = seed, .stream = stream_id("device trial")});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(scale * (2.0 * random.uniform() - 1.0));
    std::memcpy(to + static_cast<std::size_t>(i) * sizeof value, &value, sizeof value);
  }
}

template <class T>
void put_all(std::byte* to, std::int64_t count, const T& value) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(to + static_cast<std::size_t>(i) * sizeof value, &value, sizeof value);
  }
}

}  // namespace

DeviceTrial::DeviceTrial(std::shared_ptr<Device> device, const PlannedNet& planned, int rows)
    : device_(std::move(device)),
      staging_(device_->allocate_pinned(kStaging)),
      queue_(device_->make_queue("trial")) {
  host_[index(Home::program)].resize(planned.plan.program_bytes);
  host_[index(Home::parameters)].resize(planned.parameters.parameters_bytes());
  host_[index(Home::learning)].resize(planned.parameters.learning_bytes());
  host_[index(Home::rounded)].resize(planned.parameters.rounded_bytes());
  host_[index(Home::step)].resize(planned.plan.step.bytes);
  host_[index(Home::input)].resize(static_cast<std::size_t>(planned.plan.input_values) *
                                   sizeof(float));
  for (std::size_t home = 0; home < kHomes; ++home) {
    if (host_[home].empty()) continue;
    blocks_[home] = device_->allocate(host_[home].size());
    on_device_.blocks[home] = blocks_[home].data();
  }
  fill(planned, rows);
}

void DeviceTrial::fill(const PlannedNet& planned, int rows) {
  const Memory memory = on_host();
  put_numbers(memory.blocks[index(Home::input)], planned.plan.input_values, 100.0, 1);
  put_numbers(memory.at(planned.parameters.all_values()), planned.parameters.floats(), 0.1, 2);
  const std::vector<std::byte>& tables = planned.parameters.constants();
  std::ranges::copy(tables,
                    memory.blocks[index(Home::parameters)] + planned.parameters.constants_at());
  const elements::Target rounded(memory, planned.parameters.all_rounded());
  const elements::AnyValues values(memory, planned.parameters.all_values());
  for (std::int64_t i = 0; i < planned.parameters.floats(); ++i) rounded.store(i, values[i]);

  const StepLayout& step = planned.plan.step;
  const StepNumbers numbers{.seed = 7, .step = 3, .first_row = 0};
  std::memcpy(memory.blocks[index(Home::step)], &numbers, sizeof numbers);
  put_all(memory.at(step.labels), rows, std::int32_t{1});
  put_all(memory.at(step.row_weights), rows, 1.0F);
  RowTransform mirrored{.flip = 1};
  mirrored.steps[0] = {RowTransform::Kind::add, {-123.7F, -116.8F, -103.9F}};
  mirrored.steps[1] = {RowTransform::Kind::divide, {58.4F, 57.1F, 57.4F}};
  put_all(memory.at(step.transforms), rows, mirrored);
  const auto parameters = static_cast<std::int64_t>(planned.parameters.count());
  put_all(memory.at(step.factors), parameters,
          UpdateSegment{.momentum = 0.9F,
                        .decay = 0.0005F,
                        .sparsity = 0.001F,
                        .scale = 0.5F,
                        .rate = 0.01F,
                        .damping = 0.02F});
}

Memory DeviceTrial::on_host() {
  Memory memory;
  for (std::size_t home = 0; home < kHomes; ++home) memory.blocks[home] = host_[home].data();
  return memory;
}

void DeviceTrial::copy_in(std::span<const std::byte> from, std::byte* to) {
  for (std::size_t at = 0; at < from.size(); at += kStaging) {
    const std::size_t bytes = std::min(kStaging, from.size() - at);
    std::memcpy(staging_.data(), from.data() + at, bytes);
    queue_->copy_in({staging_.data(), bytes}, to + at);
    device_->wait_for(queue_->mark());
  }
}

void DeviceTrial::copy_out(const std::byte* from, std::span<std::byte> to) {
  for (std::size_t at = 0; at < to.size(); at += kStaging) {
    const std::size_t bytes = std::min(kStaging, to.size() - at);
    queue_->copy_out(from + at, {staging_.data(), bytes});
    device_->wait_for(queue_->mark());
    std::memcpy(to.data() + at, staging_.data(), bytes);
  }
}

void DeviceTrial::send() {
  for (std::size_t home = 0; home < kHomes; ++home) copy_in(host_[home], on_device_.blocks[home]);
}

void DeviceTrial::fetch() {
  for (std::size_t home = 0; home < kHomes; ++home) copy_out(on_device_.blocks[home], host_[home]);
}

std::vector<std::vector<std::byte>> DeviceTrial::fetch_written(const Operation& operation) {
  std::vector<std::vector<std::byte>> contents;
  for (const Written& written : written_by(operation)) {
    contents.emplace_back(written.bytes);
    copy_out(on_device_.at(written.array), contents.back());
  }
  return contents;
}

void DeviceTrial::run(std::span<const Operation> operations, const RecordOptions& options) {
  const auto recording = device_->record(operations, on_device_, options);
  send();  // trials may have overwritten it
  queue_->run(*recording);
  device_->wait_for(queue_->mark());
}

std::vector<Written> written_by(const Operation& operation) {
  std::vector<Written> written;
  OperationKind what = operation.what;
  for_each_array(what, [&](Array& array, ArrayUse use) {
    if (use.access == Access::write) written.push_back({array, use.bytes});
  });
  return written;
}

double difference(const Written& what, std::span<const std::byte> one,
                  std::span<const std::byte> other) {
  const auto count = static_cast<std::size_t>(what.array.count);
  if (what.bytes != count * element_bytes(what.array.element)) {
    return std::ranges::equal(one, other) ? 0.0 : 1.0;
  }
  const Array at_start{
      .home = Home::program, .count = what.array.count, .element = what.array.element};
  const auto values_of = [&](std::span<const std::byte> bytes) {
    Memory memory;
    memory.blocks[index(Home::program)] = const_cast<std::byte*>(bytes.data());
    return elements::AnyValues(memory, at_start);
  };
  const elements::AnyValues a = values_of(one);
  const elements::AnyValues b = values_of(other);
  double apart = 0.0;
  double norm = 0.0;
  for (std::int64_t i = 0; i < what.array.count; ++i) {
    const double distance = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    apart += distance * distance;
    norm += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return apart == 0.0 ? 0.0 : std::sqrt(apart / norm);  // not a number: neither
}

}  // namespace sluice::cudnn::test
