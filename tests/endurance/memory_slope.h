// Does memory grow with the work done? Samples over a long run, and a line through them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sluice::test {

// A sanitizer keeps freed memory and has its own malloc: figures there are shown, not judged.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

std::size_t resident_bytes();  // what the kernel keeps in memory for this process
std::size_t heap_bytes();      // what malloc has handed out and not got back

// Not synchronised.
class MemorySlope {
 public:
  // `done`: items so far.
  void sample(double done);

  // Bytes per thousand items: least squares over all samples but the first third, in which pools
  // and buffers fill.
  double resident() const { return slope(&Sample::resident); }
  double heap() const { return slope(&Sample::heap); }
  std::size_t samples() const { return samples_.size(); }
  // "resident memory 31.2 MB, slope 120 bytes per 1000 records; heap ..."
  std::string text(const std::string& items) const;

 private:
  struct Sample {
    double done = 0.0;
    double resident = 0.0;
    double heap = 0.0;
  };
  double slope(double Sample::*bytes) const;

  std::vector<Sample> samples_;
};

}  // namespace sluice::test
