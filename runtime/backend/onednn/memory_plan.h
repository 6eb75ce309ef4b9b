// Where a program's arrays stand in its one block: planned while it compiles, allocated at the end.
#pragma once

#include <cstddef>

namespace sluice::onednn {

struct Region {
  std::size_t offset = 0;
  std::size_t bytes = 0;

  template <class T = float>
  T* in(std::byte* memory) const {
    return reinterpret_cast<T*>(memory + offset);
  }
};

class MemoryPlan {
 public:
  Region reserve(std::size_t bytes) {
    const Region region{bytes_, bytes};
    // 64 bytes more: streams of equal power-of-two distance fall into the same cache sets.
    bytes_ += (bytes + 63) / 64 * 64 + 64;
    return region;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace sluice::onednn
