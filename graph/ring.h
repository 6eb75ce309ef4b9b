// A queue of at most as many numbers as it was made for; allocates once.
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

namespace sluice::graph {

// Not synchronised.
class Ring {
 public:
  explicit Ring(std::size_t capacity) : items_(capacity) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  int front() const { return items_[first_]; }
  void push(int item) {
    assert(size_ < items_.size());
    items_[(first_ + size_++) % items_.size()] = item;
  }
  int pop() {
    assert(size_ > 0);
    const int item = items_[first_];
    first_ = (first_ + 1) % items_.size();
    --size_;
    return item;
  }

 private:
  std::vector<int> items_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sluice::graph
