// The two passes of the antialiased resize as the obvious loops (Resample.c's arithmetic).
#pragma once

#include <cstdint>

#include "augment/passes.h"

namespace sluice::augment::plain {

void horizontal(const HorizontalPass<std::uint8_t>& pass);
void horizontal(const HorizontalPass<float>& pass);
void vertical(const VerticalPass<std::uint8_t>& pass);
void vertical(const VerticalPass<float>& pass);

}  // namespace sluice::augment::plain
