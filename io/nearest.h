// The valid name that is most like one which is none. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::io {

// Letters put in, taken out, changed, or exchanged with their neighbour that make `b` of `a`
// (Damerau's distance, no letter touched twice). Of at most 64 bytes of each.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `valid`, where so little differs that it may have been meant: at most a third of
// the longer name, and two letters in any case. The first of equals.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> valid);

// " (did you mean 'flip'?)", or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string> valid);

}  // namespace sluice::io
