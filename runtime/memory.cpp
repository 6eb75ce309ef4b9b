#include "runtime/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "runtime/cgroup.h"
#include "runtime/error.h"

namespace sluice {
namespace {

// From here on blocks come from the kernel one by one, so that giving one back lowers what the
// process holds at once, whatever malloc would keep.
constexpr std::size_t kMapFrom = std::size_t{1} << 18;
// From here on the kernel is asked for pages of 2 MB: fewer faults (231 MB take 0.012 s to touch
// instead of 0.085 s where that was measured) and fewer misses of the address cache.
constexpr std::size_t kHugeFrom = std::size_t{8} << 20;

std::byte* system_allocate(std::size_t bytes) {
  void* memory = nullptr;
  if (bytes >= kMapFrom) {
    memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) memory = nullptr;
    // A wish: where it is refused, small pages do as well.
    if (memory != nullptr && bytes >= kHugeFrom) madvise(memory, bytes, MADV_HUGEPAGE);
  } else {
    memory = std::aligned_alloc(Block::kAlignment, bytes);
  }
  if (memory == nullptr) fail(ErrorKind::run, "out of memory: the system refused {} bytes", bytes);
  return static_cast<std::byte*>(memory);
}

void system_free(std::byte* data, std::size_t bytes) noexcept {
  if (bytes >= kMapFrom) {
    munmap(data, bytes);
  } else {
    std::free(data);
  }
}

}  // namespace

Block& Block::operator=(Block&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    pool_ = std::exchange(other.pool_, nullptr);
    holder_ = std::exchange(other.holder_, nullptr);
  }
  return *this;
}

void Block::release() noexcept {
  if (data_ == nullptr) return;
  if (pool_ != nullptr) {
    pool_->give_back(data_, size_, holder_);
  } else {
    system_free(data_, size_);
  }
  data_ = nullptr;
  size_ = 0;
  pool_ = nullptr;
  holder_ = nullptr;
}

Block Block::allocate(std::size_t bytes) {
  Block block;
  block.size_ = BlockPool::rounded(bytes);
  block.data_ = system_allocate(block.size_);
  return block;
}

void Block::touch() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
  for (std::size_t at = 0; at < size_; at += page) {
    static_cast<volatile std::byte*>(data_)[at] = std::byte{0};
  }
}

std::size_t BlockPool::rounded(std::size_t bytes) {
  if (bytes <= 512) return 512;
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

BlockPool::~BlockPool() { trim_to(0); }

Block BlockPool::take(std::size_t bytes, BytesHeld* holder) {
  Block block;
  block.size_ = rounded(bytes);
  block.pool_ = this;
  block.holder_ = holder;
  const std::lock_guard lock(mutex_);
  std::vector<std::byte*>& free = free_[block.size_];
  if (!free.empty()) {
    block.data_ = free.back();
    free.pop_back();
    cached_ -= block.size_;
  } else {
    const std::size_t wanted = in_use_ + block.size_;
    trim_to(budget_ > wanted ? budget_ - wanted : 0);
    block.data_ = system_allocate(block.size_);
  }
  count_in(block.size_, holder);
  return block;
}

void BlockPool::give_back(std::byte* data, std::size_t size, BytesHeld* holder) noexcept {
  const std::lock_guard lock(mutex_);
  count_out(size, holder);
  if (in_use_ + cached_ + size > budget_) {
    system_free(data, size);
    return;
  }
  free_[size].push_back(data);
  cached_ += size;
}

void BlockPool::charge(std::size_t bytes, BytesHeld* holder) {
  const std::lock_guard lock(mutex_);
  count_in(bytes, holder);
  trim_to(budget_ > in_use_ ? budget_ - in_use_ : 0);
}

void BlockPool::discharge(std::size_t bytes, BytesHeld* holder) noexcept {
  const std::lock_guard lock(mutex_);
  count_out(bytes, holder);
}

void BlockPool::count_in(std::size_t bytes, BytesHeld* holder) {
  in_use_ += bytes;
  in_use_max_ = std::max(in_use_max_, in_use_);
  if (holder == nullptr) return;
  holder->now += bytes;
  if (holder->now > holder->most.load(std::memory_order_relaxed)) holder->most = holder->now;
}

void BlockPool::count_out(std::size_t bytes, BytesHeld* holder) noexcept {
  in_use_ -= bytes;
  if (holder != nullptr) holder->now -= bytes;
}

// Largest first: one large block makes room for many small ones.
void BlockPool::trim_to(std::size_t cached_limit) {
  for (auto it = free_.rbegin(); it != free_.rend() && cached_ > cached_limit; ++it) {
    auto& [size, blocks] = *it;
    while (!blocks.empty() && cached_ > cached_limit) {
      system_free(blocks.back(), size);
      blocks.pop_back();
      cached_ -= size;
    }
  }
}

std::size_t BlockPool::bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::size_t BlockPool::bytes_in_use_max() const {
  const std::lock_guard lock(mutex_);
  return in_use_max_;
}

std::size_t BlockPool::bytes_cached() const {
  const std::lock_guard lock(mutex_);
  return cached_;
}

std::size_t machine_memory_bytes() {
  const auto physical = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
  std::size_t least = std::min(physical, cgroup_memory_bytes());
  rlimit space{};  // `ulimit -v`: address space, of which memory is a part
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    least = std::min(least, static_cast<std::size_t>(space.rlim_cur));
  return least;
}

}  // namespace sluice
