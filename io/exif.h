// The one thing of EXIF that concerns pixels. Pure; any thread; never reads outside its argument.
#pragma once

#include <cstddef>
#include <span>

namespace sluice::io {

// The orientation (1 to 8) in the content of a JPEG's APP1 marker; 0 where it holds none: another
// kind of APP1, a block cut short, a value out of range. Source: CIPA DC-008 (Exif 2.3), 4.5
// and 4.6.
int exif_orientation(std::span<const std::byte> app1);

}  // namespace sluice::io
