// Names of files and classes as text: any bytes on disk, one clean line in messages and JSON. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sluice::io {

// Control characters as \n, \t, \xNN: whatever names it quotes, a message stays one line.
std::string without_controls(std::string_view text);

// For names in messages: the same, cut after 300 bytes.
std::string one_line(std::string_view text);

// Whether all of `bytes` is UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

// Whether TOML takes `text` as a key without quotes: letters, digits, - and _, at least one.
bool is_bare_key(std::string_view text);

// For a field of a tab-separated file: backslash, tab, newline and return as \\, \t, \n, \r.
std::string tsv_field(std::string_view text);

// For JSON, which holds UTF-8 only: '%', control characters and bytes that are not UTF-8 as %NN.
std::string percent_encoded(std::string_view bytes);
std::string percent_decoded(std::string_view text);

// "a, b, c and 4 more"
std::string listed(std::span<const std::string> names, std::size_t at_most = 8);

}  // namespace sluice::io
