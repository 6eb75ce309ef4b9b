// The text form of a logged schedule.
#include <charconv>
#include <optional>

#include "runtime/error.h"
#include "runtime/schedule/schedule.h"

namespace sluice {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

LoggedChange parse_change(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t equals = text.find('=');
  const auto epoch = number<int>(trimmed(text.substr(0, colon)));
  const std::size_t behind = equals == std::string_view::npos ? colon : equals;
  const auto rate = behind == std::string_view::npos
                        ? std::nullopt
                        : number<double>(trimmed(text.substr(behind + 1)));
  require(colon != std::string_view::npos && epoch && *epoch >= 0 && rate &&
              (equals == std::string_view::npos || equals > colon),
          "logged rate: '{}' is not EPOCH:RATE or EPOCH:LAYER=RATE, as in 0:0.01, 67:conv1=0.00001",
          text);
  LoggedChange change{.epoch = *epoch, .layer = {}, .rate = *rate};
  if (equals != std::string_view::npos)
    change.layer = trimmed(text.substr(colon + 1, equals - colon - 1));
  return change;
}

}  // namespace

LoggedRate parse_logged_rate(std::string_view text) {
  LoggedRate logged;
  while (!trimmed(text).empty()) {
    const std::size_t comma = text.find(',');
    logged.changes.push_back(parse_change(trimmed(text.substr(0, comma))));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  require(!logged.changes.empty(),
          "logged rate: no change is given; valid: EPOCH:RATE, as in 0:0.01, 25:0.001");
  return logged;
}

}  // namespace sluice
