// The fake device's inside: what its queues share, and the queues.
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "tests/support/fake_device.h"

namespace sluice::test {

enum class Pinned : std::uint8_t { no, yes };

struct FakeRecording final : cudnn::Recording {
  std::vector<cudnn::Operation> operations;
  cudnn::Memory memory;
};

class FakeMark final : public cudnn::Mark {
 public:
  explicit FakeMark(std::shared_ptr<class FakeState> state);
  ~FakeMark() override;

 private:
  friend class FakeState;
  std::shared_ptr<class FakeState> state_;
  bool reached_ = false;
  std::chrono::steady_clock::time_point when_;
};

// Any thread.
class FakeState {
 public:
  explicit FakeState(const FakeDeviceOptions& options) : options_(options) {}

  const FakeDeviceOptions& options() const { return options_; }
  FakeDeviceCounts counts() const;

  // Of ours, that may fail: throws where it is its turn, or the device is lost.
  void call(const std::string& name);
  void allocation(std::size_t bytes);
  // On the device: false where it is lost, or by this piece.
  bool begin_work(const std::string& name);
  void throw_if_lost() const;
  std::exception_ptr failure() const;

  void add_block(std::span<std::byte> block, Pinned pinned);
  void remove_block(const std::byte* data);
  void check_within(std::span<const std::byte> bytes, Pinned pinned) const;

  void reach(const cudnn::MarkPointer& mark);
  void wait_for(const cudnn::MarkPointer& mark);  // or until the device is lost
  double seconds_between(const cudnn::MarkPointer& first, const cudnn::MarkPointer& second) const;

  void set_held(bool held);
  void wait_while_held();

  void count_mark(int change);
  void count_completion(int change);

 private:
  struct Held {
    std::size_t bytes;
    Pinned pinned;
  };
  void lose(const std::string& where);

  const FakeDeviceOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<const std::byte*, Held> blocks_;
  FakeDeviceCounts counts_;
  std::exception_ptr failure_;
  bool held_ = false;
};

std::unique_ptr<cudnn::Queue> make_fake_queue(std::shared_ptr<FakeState> state);

}  // namespace sluice::test
