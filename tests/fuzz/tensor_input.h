// What the targets that read tensor files share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/net/net.h"

namespace sluice::fuzz {

inline constexpr std::size_t kLengthBytes = 8;  // that a tensor file starts with

// Two inputs, two outputs: the net of the seeds. Its parameters are "fc.weight" and "fc.bias".
Net tiny_net();

// `content` with its first bytes saying how long the JSON object behind them is, so that an input
// that grew or shrank in its header still gets past the first check.
std::string with_right_length(std::string_view content);

}  // namespace sluice::fuzz
