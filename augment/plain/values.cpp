#include "augment/plain/values.h"

namespace sluice::augment::plain {
namespace {

template <class T>
void subtract_any(std::span<const T> from, const float* less, float* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(from[i]) - less[i];
}

}  // namespace

void to_float(std::span<const std::uint8_t> from, float* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(from[i]);
}

void subtract(std::span<const std::uint8_t> from, const float* less, float* to) {
  subtract_any(from, less, to);
}
void subtract(std::span<const float> from, const float* less, float* to) {
  subtract_any(from, less, to);
}

}  // namespace sluice::augment::plain
