// Tells from its first bytes what a file is, for messages about files under a wrong name. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sluice::io {

bool starts_as_jpeg(std::span<const std::byte> file);

// "starts with 89 50 (PNG)"; without the brackets where the kind is unknown.
std::string describe_start(std::span<const std::byte> file);

}  // namespace sluice::io
