// The collective of replicas that share a process: whoever comes last does the sum.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "runtime/collective/collective.h"

namespace sluice {

// Any thread may call for any rank, one call of a rank at a time.
class InProcessCollective final : public Collective {
 public:
  explicit InProcessCollective(int world);

  int world() const override { return static_cast<int>(calls_.size()); }
  void all_reduce(int rank, std::span<float> values,
                  std::function<void(std::exception_ptr)> done) override;

 private:
  struct Part {
    std::span<float> values{};
    std::function<void(std::exception_ptr)> done{};
  };
  struct Exchange {
    std::vector<Part> parts;
    int arrived = 0;
  };

  std::vector<Part> arrive(int rank, Part part);

  std::mutex mutex_;
  std::vector<std::size_t> calls_;  // of each rank so far
  std::deque<Exchange> open_;       // the oldest first
  std::size_t closed_ = 0;          // exchanges that are over
};

}  // namespace sluice
