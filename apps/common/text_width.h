// How many columns of a terminal a text takes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::apps {

// Columns of UTF-8 text without control characters: 2 for East Asian wide characters and emoji, 0
// for combining marks; a byte that is no UTF-8 counts 1.
int text_width(std::string_view text);

// Without CSI escape sequences (colours).
std::string without_escapes(std::string_view text);

// The longest beginning that takes at most `columns`; one that is cut ends with "~".
std::string cut_to(std::string_view text, int columns);

enum class Side { left, right };  // where the text stands

// Exactly `columns` wide: cut, or filled with spaces.
std::string fitted(std::string_view text, int columns, Side side = Side::left);

}  // namespace sluice::apps
