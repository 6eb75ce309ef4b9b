// Dropout with a given mask (runtime/net/dropout_mask.h draws it).
#pragma once

#include <cstdint>
#include <span>

#include "runtime/net/layer_spec.h"

namespace sluice::reference {

// `kept`: 1 for a unit that stays, 0 for a dropped one.
template <class T>
void dropout_training(const Dropout& dropout, std::span<const T> in,
                      std::span<const std::uint8_t> kept, std::span<T> out);

template <class T>
void dropout_backward(const Dropout& dropout, std::span<const T> out_gradient,
                      std::span<const std::uint8_t> kept, std::span<T> in_gradient);

template <class T>
void dropout_evaluation(const Dropout& dropout, std::span<const T> in, std::span<T> out);

}  // namespace sluice::reference
