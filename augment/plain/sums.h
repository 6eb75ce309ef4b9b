// Sums of bytes and of their squares, the least and the greatest, as the obvious loop.
#pragma once

#include <cstddef>
#include <cstdint>

#include "augment/byte_sums.h"

namespace sluice::augment::plain {

// Of `pixels` pixels of R, G, B.
ByteSums sums(const std::uint8_t* from, std::size_t pixels);
ByteExtremes extremes(const std::uint8_t* from, std::size_t pixels);

}  // namespace sluice::augment::plain
