// A device that computes with the host's twins in threads of its own, and goes wrong where it is
// told to: what programs of the cuDNN backend are tested with where there is no GPU.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/backend/cudnn/device.h"

namespace sluice::test {

struct FakeDeviceOptions {
  // Time that passes while the device works, beside what the twins take.
  std::chrono::microseconds a_recording{0};
  std::chrono::microseconds a_copy{0};
  // Before each piece of work up to so much more, by chance from the seed.
  std::chrono::microseconds chance{0};
  std::uint64_t seed = 1;
  bool computes = true;  // false: recordings only take their time
  // Counted from 1 over all queues; 0: none. `call`: a call of ours that throws; `work`: a piece of
  // work that fails on the device, so that nothing is told before somebody asks; `allocation`: out
  // of memory, after which the device still works.
  int failing_call = 0;
  int failing_work = 0;
  int failing_allocation = 0;
  std::size_t memory = std::size_t{1} << 40;
};

// What a device holds. Any thread.
struct FakeDeviceCounts {
  int blocks = 0;  // device memory and pinned memory that did not come back
  int marks = 0;
  int completions = 0;  // handed over and not called
  int calls = 0;        // that may fail, so far
  int work = 0;         // pieces begun so far
  int allocations = 0;  // so far
};

// Checks what it is told: copies lie within blocks that are alive, the host's side of them in
// pinned ones. Recording overwrites what trials would. Any thread.
class FakeDevice : public cudnn::Device {
 public:
  virtual FakeDeviceCounts counts() const = 0;
  // No queue begins a piece of work between the two.
  virtual void hold() = 0;
  virtual void go_on() = 0;
};

std::shared_ptr<FakeDevice> make_fake_device(const FakeDeviceOptions& options = {});

// "fake device: failed at call 3 (record)".
std::string fake_failure_text(const std::string& where);

}  // namespace sluice::test
