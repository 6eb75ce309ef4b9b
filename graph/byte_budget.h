// Bytes that may be promised at once. Whoever asks first is served first: the askers stand in the
// order of their samples and only the foremost one may ask.
#pragma once

#include <cstddef>

namespace sluice::graph {

// Not synchronised: its owner holds a lock.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // A wish above the whole budget is granted when nothing else is promised: it runs alone.
  bool try_reserve(std::size_t bytes) {
    if (reserved_ != 0 && (bytes > limit_ || reserved_ > limit_ - bytes)) return false;
    reserved_ += bytes;
    return true;
  }
  void release(std::size_t bytes) { reserved_ -= bytes; }

  std::size_t limit() const { return limit_; }
  std::size_t reserved() const { return reserved_; }

 private:
  std::size_t limit_;
  std::size_t reserved_ = 0;
};

}  // namespace sluice::graph
