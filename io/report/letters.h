// Private to io/report: small letters for pictures that carry their own words.
#pragma once

#include <string_view>

#include "runtime/image.h"

namespace sluice::io::report {

inline constexpr int kLetterWidth = 6;   // pixels, the gap to the next one included
inline constexpr int kLetterHeight = 8;  // likewise

struct Place {
  int x = 0;  // of the text's upper left corner, pixels
  int y = 0;
};

// Black letters, on what is there; what lies beyond the image is left out, and characters beyond
// ASCII are question marks.
void write_letters(ImageView image, Place place, std::string_view text);

}  // namespace sluice::io::report
