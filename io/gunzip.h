// Private to the idx files: gzip data in memory, inflated piece by piece, so that sizes can be
// looked at before memory is taken for what they promise. Of several members, one behind the other.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace sluice::io {

bool starts_as_gzip(std::span<const std::byte> file);

// Deflate makes at most so many bytes of one.
inline constexpr std::size_t kMostInflation = 1032;

// Refers to its input. One thread.
class Gunzip {
 public:
  explicit Gunzip(std::span<const std::byte> file);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // Fills `to` from where the last call stopped; gives the bytes that there were. Fewer: the data
  // end here, or are damaged (see `error`).
  std::size_t read(std::span<std::byte> to);
  // All members have come to their end and their checksums are right. Known when a read was short.
  bool ended() const;
  // What is wrong with the data so far; empty: nothing.
  const std::string& error() const;
  // Bytes of the file behind the stream's end.
  std::size_t bytes_left() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::io
