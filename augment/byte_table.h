// What each byte becomes.
#pragma once

#include <array>
#include <cstdint>

namespace sluice::augment {

using ByteTable = std::array<std::uint8_t, 256>;

}  // namespace sluice::augment
