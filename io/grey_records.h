// Grey images of one size that lie in memory as a whole.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/extent.h"

namespace sluice::io {

// Owns the images: a byte a pixel, rows from the top, one image behind the other. Never changes, so
// that any thread may read. Record k of a data set that has records is its entry k.
class GreyRecords {
 public:
  // Images begin `offset` bytes into `bytes` and fill the rest; `checksum` is theirs, as text.
  GreyRecords(std::vector<std::byte> bytes, std::size_t offset, Extent extent, std::string checksum)
      : bytes_(std::move(bytes)),
        offset_(offset),
        extent_(extent),
        checksum_(std::move(checksum)) {}

  Extent extent() const { return extent_; }
  std::size_t record_bytes() const { return static_cast<std::size_t>(extent_.pixels()); }
  std::size_t count() const { return (bytes_.size() - offset_) / record_bytes(); }
  // `number` is below `count`.
  std::span<const std::byte> record(std::size_t number) const {
    return std::span(bytes_).subspan(offset_ + number * record_bytes(), record_bytes());
  }
  const std::string& checksum() const { return checksum_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t offset_;
  Extent extent_;
  std::string checksum_;
};

}  // namespace sluice::io
