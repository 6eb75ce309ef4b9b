#include "tests/support/fake_queue.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <random>
#include <thread>

#include "runtime/backend/cudnn/host/host_operations.h"
#include "runtime/error.h"

namespace sluice::test {
namespace {

using cudnn::MarkPointer;

// Functions one after the other, in a thread that ends when all are done.
class Worker {
 public:
  Worker() : thread_([this](const std::stop_token& stop) { serve(stop); }) {}

  void add(std::function<void()> job) {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_all();
  }

 private:
  void serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> jobs_;
  std::jthread thread_;  // last
};

class FakeQueue final : public cudnn::Queue {
 public:
  explicit FakeQueue(std::shared_ptr<FakeState> state)
      : state_(std::move(state)), random_(state_->options().seed) {}

  void copy_in(std::span<const std::byte> host, std::byte* device) override {
    copy("copy_in", host, {device, host.size()});
  }
  void copy_out(const std::byte* device, std::span<std::byte> host) override {
    state_->call("copy_out");
    state_->check_within(host, Pinned::yes);
    state_->check_within({device, host.size()}, Pinned::no);
    work("copy_out", state_->options().a_copy,
         [device, host] { std::memcpy(host.data(), device, host.size()); });
  }
  void run(const cudnn::Recording& recording) override {
    state_->call("run");
    const auto& ours = dynamic_cast<const FakeRecording&>(recording);
    work("run", state_->options().a_recording, [this, &ours] {
      if (state_->options().computes) cudnn::run_on_host(ours.operations, ours.memory);
    });
  }
  MarkPointer mark() override {
    state_->call("mark");
    const auto mark = std::make_shared<FakeMark>(state_);
    worker_.add([this, mark] {
      state_->wait_while_held();
      state_->reach(mark);
    });
    return mark;
  }
  void wait(const MarkPointer& mark) override {
    state_->call("wait");
    worker_.add([this, mark] { state_->wait_for(mark); });
  }
  void then(Completion done) override {
    state_->count_completion(1);
    worker_.add([this, done = std::move(done)] {
      state_->wait_while_held();
      answers_.add([this, done, failure = state_->failure()] {
        state_->count_completion(-1);
        done(failure);
      });
    });
  }

 private:
  void copy(const char* name, std::span<const std::byte> host, std::span<std::byte> device) {
    state_->call(name);
    state_->check_within(host, Pinned::yes);
    state_->check_within(device, Pinned::no);
    work(name, state_->options().a_copy,
         [host, device] { std::memcpy(device.data(), host.data(), host.size()); });
  }
  void work(const std::string& name, std::chrono::microseconds time, std::function<void()> body) {
    worker_.add([this, name, time, body = std::move(body)] {
      state_->wait_while_held();
      if (!state_->begin_work(name)) return;
      const auto most = state_->options().chance.count();
      const auto more = most == 0 ? 0 : static_cast<std::int64_t>(random_()) % (most + 1);
      const auto end = std::chrono::steady_clock::now() + time + std::chrono::microseconds(more);
      body();
      std::this_thread::sleep_until(end);
    });
  }

  std::shared_ptr<FakeState> state_;
  std::minstd_rand random_;  // of the worker
  Worker answers_;
  Worker worker_;  // last: it hands over to the other
};

}  // namespace

FakeMark::FakeMark(std::shared_ptr<FakeState> state) : state_(std::move(state)) {
  state_->count_mark(1);
}

FakeMark::~FakeMark() { state_->count_mark(-1); }

FakeDeviceCounts FakeState::counts() const {
  const std::scoped_lock lock(mutex_);
  FakeDeviceCounts counts = counts_;
  counts.blocks = static_cast<int>(blocks_.size());
  return counts;
}

void FakeState::call(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (++counts_.calls == options_.failing_call)
    lose("call " + std::to_string(counts_.calls) + " (" + name + ")");
  if (failure_) std::rethrow_exception(failure_);
}

void FakeState::allocation(std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (++counts_.allocations != options_.failing_allocation) return;
  fail(ErrorKind::run, "fake device: out of memory, {} bytes asked for", bytes);
}

bool FakeState::begin_work(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (failure_) return false;
  if (++counts_.work == options_.failing_work)
    lose("work " + std::to_string(counts_.work) + " (" + name + ")");
  return !failure_;
}

void FakeState::lose(const std::string& where) {
  if (!failure_)
    failure_ = std::make_exception_ptr(Error(ErrorKind::run, fake_failure_text(where)));
  changed_.notify_all();
}

void FakeState::throw_if_lost() const {
  if (const auto failure = this->failure()) std::rethrow_exception(failure);
}

std::exception_ptr FakeState::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

void FakeState::add_block(std::span<std::byte> block, Pinned pinned) {
  const std::scoped_lock lock(mutex_);
  blocks_[block.data()] = {block.size(), pinned};
}

void FakeState::remove_block(const std::byte* data) {
  const std::scoped_lock lock(mutex_);
  blocks_.erase(data);
}

void FakeState::check_within(std::span<const std::byte> bytes, Pinned pinned) const {
  const std::scoped_lock lock(mutex_);
  auto found = blocks_.upper_bound(bytes.data());
  const bool some = found != blocks_.begin();
  if (some) --found;
  const bool within = some && bytes.data() + bytes.size() <= found->first + found->second.bytes &&
                      found->second.pinned == pinned;
  if (!within)
    fail(ErrorKind::run, "fake device: {} bytes that lie in no such block", bytes.size());
}

void FakeState::reach(const MarkPointer& mark) {
  auto& ours = dynamic_cast<FakeMark&>(*mark);
  const std::scoped_lock lock(mutex_);
  ours.when_ = std::chrono::steady_clock::now();
  ours.reached_ = true;
  changed_.notify_all();
}

void FakeState::wait_for(const MarkPointer& mark) {
  const auto& ours = dynamic_cast<const FakeMark&>(*mark);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ours.reached_ || failure_ != nullptr; });
}

double FakeState::seconds_between(const MarkPointer& first, const MarkPointer& second) const {
  const auto& a = dynamic_cast<const FakeMark&>(*first);
  const auto& b = dynamic_cast<const FakeMark&>(*second);
  const std::scoped_lock lock(mutex_);
  if (!a.reached_ || !b.reached_) fail(ErrorKind::run, "fake device: a mark was not reached");
  return std::chrono::duration<double>(b.when_ - a.when_).count();
}

void FakeState::set_held(bool held) {
  const std::scoped_lock lock(mutex_);
  held_ = held;
  changed_.notify_all();
}

void FakeState::wait_while_held() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !held_; });
}

void FakeState::count_mark(int change) {
  const std::scoped_lock lock(mutex_);
  counts_.marks += change;
}

void FakeState::count_completion(int change) {
  const std::scoped_lock lock(mutex_);
  counts_.completions += change;
}

std::unique_ptr<cudnn::Queue> make_fake_queue(std::shared_ptr<FakeState> state) {
  return std::make_unique<FakeQueue>(std::move(state));
}

}  // namespace sluice::test
