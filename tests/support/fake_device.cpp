#include "tests/support/fake_device.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>

#include "runtime/backend/cudnn/operation_arrays.h"
#include "runtime/error.h"
#include "tests/support/fake_queue.h"

namespace sluice::test {
namespace {

using namespace cudnn;

constexpr int kOnesByte = 0xFF;  // not a number in f32 and bf16

bool is_tried_out(const OperationKind& what) {
  return std::holds_alternative<ConvolutionForward>(what) ||
         std::holds_alternative<ConvolutionBackwardData>(what) ||
         std::holds_alternative<ConvolutionBackwardWeights>(what) ||
         std::holds_alternative<ProductForward>(what) ||
         std::holds_alternative<ProductBackwardData>(what) ||
         std::holds_alternative<ProductBackwardWeights>(what);
}

// What trials leave in the memory that they write.
void overwrite(Operation operation, const Memory& memory) {
  if (!is_tried_out(operation.what)) return;
  for_each_array(operation.what, [&](Array& array, ArrayUse use) {
    if (use.access == Access::write) std::memset(memory.at(array), kOnesByte, use.bytes);
  });
}

class Fake final : public FakeDevice {
 public:
  explicit Fake(const FakeDeviceOptions& options) : state_(std::make_shared<FakeState>(options)) {}

  std::string name() const override { return "fake device"; }
  std::size_t memory_bytes() const override { return state_->options().memory; }
  std::size_t free_bytes() const override { return state_->options().memory; }

  DeviceBlock allocate(std::size_t bytes) override { return block(bytes, "allocate", Pinned::no); }
  DeviceBlock allocate_pinned(std::size_t bytes) override {
    return block(bytes, "allocate_pinned", Pinned::yes);
  }
  std::unique_ptr<Queue> make_queue(std::string) override {
    state_->call("make_queue");
    return make_fake_queue(state_);
  }
  std::unique_ptr<Recording> record(std::span<const Operation> operations, const Memory& memory,
                                    const RecordOptions&) override {
    state_->call("record");
    auto recording = std::make_unique<FakeRecording>();
    recording->operations.assign(operations.begin(), operations.end());
    recording->memory = memory;
    if (state_->options().computes)
      for (const Operation& operation : operations) overwrite(operation, memory);
    return recording;
  }
  std::vector<Choice> choices(const Recording& recording) const override {
    std::vector<Choice> all;
    for (const Operation& o : dynamic_cast<const FakeRecording&>(recording).operations)
      all.push_back({o.layer, operation_name(o.what), "plain loops", 0});
    return all;
  }
  double seconds_between(const MarkPointer& first, const MarkPointer& second) const override {
    return state_->seconds_between(first, second);
  }
  void wait_for(const MarkPointer& mark) override {
    state_->call("wait_for");
    state_->wait_for(mark);
    state_->throw_if_lost();
  }

  FakeDeviceCounts counts() const override { return state_->counts(); }
  void hold() override { state_->set_held(true); }
  void go_on() override { state_->set_held(false); }

 private:
  DeviceBlock block(std::size_t bytes, const char* call, Pinned pinned) {
    state_->call(call);
    state_->allocation(bytes);
    auto* data = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{256}));
    state_->add_block({data, bytes}, pinned);
    return {data, bytes, [state = state_](std::byte* freed) {
              state->remove_block(freed);
              ::operator delete (freed, std::align_val_t{256});
            }};
  }

  std::shared_ptr<FakeState> state_;
};

}  // namespace

std::shared_ptr<FakeDevice> make_fake_device(const FakeDeviceOptions& options) {
  return std::make_shared<Fake>(options);
}

std::string fake_failure_text(const std::string& where) {
  return "fake device: failed at " + where;
}

}  // namespace sluice::test
