// What tests of the cuDNN backend's program share: a backend on a fake device, phases whose `done`
// may come late, rows of bytes.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/backend/backend.h"
#include "tests/support/fake_device.h"
#include "tests/support/layer_cases.h"

namespace sluice::test {

inline constexpr std::uint64_t kStateSeed = 17;
inline const std::vector<Phase> kStep = {Phase::forward, Phase::backward, Phase::update};

std::unique_ptr<Backend> on(const std::shared_ptr<FakeDevice>& device);

// A phase whose `done` may come late.
class Asked {
 public:
  Completion told() {
    return [this](std::exception_ptr failure) {
      failure_ = failure;
      ++times_;
    };
  }
  int times() const { return times_; }
  bool comes() const {
    for (int i = 0; i < 5000 && times_ == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return times_ > 0;
  }
  std::exception_ptr failure() const { return failure_; }

 private:
  std::atomic<int> times_ = 0;
  std::exception_ptr failure_;
};

// Rows as bytes, a transform for each row, and the same rows as floats by hand.
struct ByteRows {
  std::vector<std::byte> bytes;
  std::vector<RowTransform> transforms;
  std::vector<float> floats;
};
ByteRows byte_rows(const LayerCase& c);

// The step of those bytes.
StepInput as_bytes(const CaseData& data, const ByteRows& rows);

}  // namespace sluice::test
