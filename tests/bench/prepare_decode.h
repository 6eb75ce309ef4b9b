// Decoding and nothing else: what preparation is measured against.
#pragma once

#include <vector>

#include "runtime/image.h"
#include "tests/bench/prepare_files.h"
#include "tests/bench/prepare_parallel.h"

namespace sluice::bench {

// libjpeg-turbo as its manual uses it: default settings, all rows into one buffer a thread, which
// is used again and again.
class BareDecode {
 public:
  BareDecode(const MemoryFiles& files, int threads)
      : files_(files), buffers_(static_cast<std::size_t>(threads)) {}
  void operator()(Turn turn);

 private:
  const MemoryFiles& files_;
  std::vector<std::vector<unsigned char>> buffers_;
};

// The decode node, into images of a pool.
class NodeDecode {
 public:
  explicit NodeDecode(const MemoryFiles& files) : files_(files) {}
  void operator()(Turn turn);

 private:
  const MemoryFiles& files_;
  BlockPool pool_{std::size_t{1} << 30};
};

}  // namespace sluice::bench
