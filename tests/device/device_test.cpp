// What device.h promises of a device, on CUDA's.
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "runtime/error.h"
#include "tests/device/opened_device.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

constexpr std::size_t kBytes = std::size_t{64} << 20;

// Waits for completions in the test's thread.
class Calls {
 public:
  Completion next(int number) {
    return [this, number](std::exception_ptr cause) {
      const std::lock_guard lock(mutex_);
      order_.push_back(number);
      failed_ |= cause != nullptr;
      changed_.notify_all();
    };
  }
  std::vector<int> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return order_.size() >= count; });
    return order_;
  }
  bool failed() const { return failed_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> order_;
  bool failed_ = false;
};

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("bytes come back from the device as they went there", "[device][copies]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const DeviceBlock there = device->allocate(kBytes);
  const DeviceBlock from = device->allocate_pinned(kBytes);
  const DeviceBlock to = device->allocate_pinned(kBytes);
  for (std::size_t i = 0; i < kBytes; ++i)
    from.data()[i] = static_cast<std::byte>(i * 31 + i / 256);
  std::memset(to.data(), 0, kBytes);
  const auto queue = device->make_queue("copies");
  queue->copy_in({from.data(), kBytes}, there.data());
  queue->copy_out(there.data(), {to.data(), kBytes});
  device->wait_for(queue->mark());
  CHECK(std::memcmp(from.data(), to.data(), kBytes) == 0);
}

TEST_CASE("a queue waits for another's mark, and time passes between marks", "[device][marks]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const DeviceBlock there = device->allocate(kBytes);
  const DeviceBlock from = device->allocate_pinned(kBytes);
  const DeviceBlock to = device->allocate_pinned(kBytes);
  const auto first = device->make_queue("first");
  const auto second = device->make_queue("second");
  for (int round = 0; round < 20; ++round) {
    std::memset(from.data(), round + 1, kBytes);
    std::memset(to.data(), 0, kBytes);
    const MarkPointer begin = first->mark();
    first->copy_in({from.data(), kBytes}, there.data());
    const MarkPointer end = first->mark();
    second->wait(end);
    second->copy_out(there.data(), {to.data(), kBytes});
    device->wait_for(second->mark());
    CHECK(std::memcmp(from.data(), to.data(), kBytes) == 0);
    CHECK(device->seconds_between(begin, end) > 0.0);
    CHECK(device->seconds_between(begin, end) < 10.0);
  }
}

TEST_CASE("completions are called once each, in order, also those added by others",
          "[device][completions]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  Calls calls;
  auto queue = device->make_queue("completions");
  for (int i = 0; i < 100; ++i) queue->then(calls.next(i));
  const std::vector<int> order = calls.wait_for(100);
  CHECK(std::is_sorted(order.begin(), order.end()));
  queue->then([&](std::exception_ptr) { queue->then(calls.next(100)); });
  CHECK(calls.wait_for(101).back() == 100);
  queue.reset();
  CHECK(calls.wait_for(101).size() == 101);
  CHECK_FALSE(calls.failed());
}

TEST_CASE("too little memory is said in one line, and the device works on", "[device][failures]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const std::size_t free_before = device->free_bytes();
  const std::string message =
      failure_of([&] { (void)device->allocate(device->memory_bytes() * 2); });
  CHECK_THAT(message, Catch::Contains("asked for"));
  CHECK_THAT(message, Catch::Contains("are free"));
  CHECK(message.find('\n') == std::string::npos);
  CHECK(free_before > 0);
  CHECK(free_before <= device->memory_bytes());
  CHECK(failure_of([&] { (void)device->allocate(kBytes); }).empty());
}

}  // namespace sluice::cudnn::test
