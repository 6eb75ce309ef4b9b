// Aligned memory in blocks that are used again, inside one byte budget.
//
// A `BlockPool` keeps freed blocks for the next taker of that size class, so that a steady stream
// of images allocates nothing; it gives cached blocks back to the system before it would pass its
// budget. It never refuses: keeping `bytes in use` below the budget is the work of the reservations
// in graph/, which know the order of the samples.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace sluice {

class BlockPool;

// Who made blocks, and how much they take together. Written under the lock of the one pool it is
// used with; any thread may read the most.
struct BytesHeld {
  std::size_t now = 0;
  std::atomic<std::size_t> most = 0;
};

// Owns one aligned block; move-only; goes back to its pool (or to the system) when destroyed.
class Block {
 public:
  static constexpr std::size_t kAlignment = 64;

  Block() = default;
  Block(Block&& other) noexcept { *this = std::move(other); }
  Block& operator=(Block&& other) noexcept;
  ~Block() { release(); }

  void release() noexcept;
  // Gives every page its memory now, so that the first to write finds it. Overwrites a byte a page.
  void touch();
  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {data_, size_}; }

  // A block of its own, outside any pool. Throws Error{run} when the system has no memory.
  static Block allocate(std::size_t bytes);

 private:
  friend class BlockPool;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  BlockPool* pool_ = nullptr;
  BytesHeld* holder_ = nullptr;
};

// Any thread may call. Must outlive its blocks.
class BlockPool {
 public:
  explicit BlockPool(std::size_t budget_bytes) : budget_(budget_bytes) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // A block of at least `bytes` bytes (size class: `rounded`), contents undefined. `holder`, where
  // there is one, must outlive the block.
  Block take(std::size_t bytes, BytesHeld* holder = nullptr);
  // What a request of `bytes` really takes: the next step of an eighth of a power of two.
  static std::size_t rounded(std::size_t bytes);

  // Bytes that somebody else allocates inside this budget (a decoder's own arrays): counted as in
  // use, and cached blocks make room for them.
  class Charge {
   public:
    Charge(BlockPool& pool, std::size_t bytes, BytesHeld* holder = nullptr)
        : pool_(pool), bytes_(bytes), holder_(holder) {
      pool_.charge(bytes, holder);
    }
    ~Charge() { pool_.discharge(bytes_, holder_); }
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;

   private:
    BlockPool& pool_;
    std::size_t bytes_;
    BytesHeld* holder_;
  };

  std::size_t budget() const { return budget_; }
  std::size_t bytes_in_use() const;
  std::size_t bytes_in_use_max() const;
  std::size_t bytes_cached() const;

 private:
  friend class Block;
  void give_back(std::byte* data, std::size_t size, BytesHeld* holder) noexcept;
  void trim_to(std::size_t cached_limit);
  void charge(std::size_t bytes, BytesHeld* holder);
  void discharge(std::size_t bytes, BytesHeld* holder) noexcept;
  void count_in(std::size_t bytes, BytesHeld* holder);
  void count_out(std::size_t bytes, BytesHeld* holder) noexcept;

  const std::size_t budget_;
  mutable std::mutex mutex_;
  std::map<std::size_t, std::vector<std::byte*>> free_;
  std::size_t in_use_ = 0;
  std::size_t in_use_max_ = 0;
  std::size_t cached_ = 0;
};

// Bytes this process may use: the machine's memory, or less where a cgroup or `ulimit -v` says so.
std::size_t machine_memory_bytes();

}  // namespace sluice
