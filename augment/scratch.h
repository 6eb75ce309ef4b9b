// Cuts scratch memory into parts; for the .cpp files of this folder.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace sluice::augment {

// Scratch starts at a multiple of this.
inline constexpr std::size_t kScratchAlignment = 64;

// Takes `count` values (contents undefined) off the front of `scratch`. No padding: whoever cuts
// takes the parts with the larger alignment first.
template <class T>
std::span<T> take_scratch(std::span<std::byte>& scratch, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  const std::size_t bytes = count * sizeof(T);
  assert(scratch.size() >= bytes);
  assert(count == 0 || reinterpret_cast<std::uintptr_t>(scratch.data()) % alignof(T) == 0);
  T* first = reinterpret_cast<T*>(scratch.data());
  scratch = scratch.subspan(bytes);
  return {first, count};
}

}  // namespace sluice::augment
