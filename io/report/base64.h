// Bytes as text (RFC 4648, section 4). Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sluice::io::report {

std::string base64(std::span<const std::byte> bytes);

}  // namespace sluice::io::report
