#include "io/json_fields.h"

#include <cmath>
#include <cstddef>
#include <span>

#include "io/read_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

using nlohmann::json;

constexpr std::size_t kMostText = std::size_t{64} << 20;
constexpr std::int64_t kMost = std::int64_t{1} << 53;
constexpr std::int64_t kMostSmall = 1'000'000;

bool is_count(const json& value) {
  return value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
         value.get<std::int64_t>() <= kMost;
}

bool is_real(const json& value) { return value.is_number() && std::isfinite(value.get<double>()); }

}  // namespace

json parse_json(std::string_view text, const std::string& file) {
  json document = json::parse(text, nullptr, false);
  require(!document.is_discarded(), "{}: is no JSON document", file);
  return document;
}

std::string json_text_of(const std::filesystem::path& path) {
  const std::string name = one_line(path.string());
  const Result<std::size_t> bytes = file_bytes(path);
  if (!bytes) fail(ErrorKind::usage, "{}: {}", name, bytes.error().message);
  require(bytes.value() <= kMostText, "{}: {} bytes; valid: up to {}", name, bytes.value(),
          kMostText);
  std::string text(bytes.value(), '\0');
  const Result<> read = read_file(path, std::as_writable_bytes(std::span(text)));
  if (!read) fail(ErrorKind::usage, "{}: {}", name, read.error().message);
  return text;
}

JsonFields::JsonFields(const json& object, const std::string& file, std::string place)
    : object_(&object), file_(&file), place_(std::move(place)) {
  require(object.is_object(), "{}: {} is no JSON object", file,
          place_.empty() ? "the document" : place_);
}

std::string JsonFields::where(std::string_view key) const {
  return fmt::format("{}: {}{}{}", *file_, place_, place_.empty() ? "" : ".", key);
}

const json& JsonFields::at(const char* key) const {
  const auto found = object_->find(key);
  require(found != object_->end(), "{} is missing", where(key));
  return *found;
}

std::int64_t JsonFields::count(const char* key) const {
  const json& value = at(key);
  require(is_count(value), "{} is not a whole number from 0 to {}", where(key), kMost);
  return value.get<std::int64_t>();
}

int JsonFields::small_count(const char* key) const {
  const std::int64_t value = count(key);
  require(value <= kMostSmall, "{} = {}; valid: 0 to {}", where(key), value, kMostSmall);
  return static_cast<int>(value);
}

double JsonFields::real(const char* key) const {
  const json& value = at(key);
  require(is_real(value), "{} is not a number", where(key));
  return value.get<double>();
}

std::string JsonFields::text(const char* key) const { return percent_decoded(prose(key)); }

std::string JsonFields::prose(const char* key) const {
  const json& value = at(key);
  require(value.is_string(), "{} is not text", where(key));
  return value.get<std::string>();
}

JsonFields JsonFields::object(const char* key) const {
  return {at(key), *file_, fmt::format("{}{}{}", place_, place_.empty() ? "" : ".", key)};
}

const json& JsonFields::list(const char* key) const {
  const json& value = at(key);
  require(value.is_array(), "{} is not a list", where(key));
  return value;
}

std::vector<JsonFields> JsonFields::objects(const char* key) const {
  std::vector<JsonFields> all;
  for (const json& element : list(key)) {
    all.emplace_back(element, *file_,
                     fmt::format("{}{}{}[{}]", place_, place_.empty() ? "" : ".", key, all.size()));
  }
  return all;
}

std::vector<std::string> JsonFields::texts(const char* key) const {
  std::vector<std::string> all;
  for (const json& element : list(key)) {
    require(element.is_string(), "{} holds something that is not text", where(key));
    all.push_back(percent_decoded(element.get_ref<const std::string&>()));
  }
  return all;
}

std::vector<std::int64_t> JsonFields::counts(const char* key) const {
  std::vector<std::int64_t> all;
  for (const json& element : list(key)) {
    require(is_count(element), "{} holds what is not a whole number from 0 to {}", where(key),
            kMost);
    all.push_back(element.get<std::int64_t>());
  }
  return all;
}

std::vector<double> JsonFields::reals(const char* key) const {
  std::vector<double> all;
  for (const json& element : list(key)) {
    require(is_real(element), "{} holds what is not a number", where(key));
    all.push_back(element.get<double>());
  }
  return all;
}

std::vector<std::string> JsonFields::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : object_->items()) all.push_back(key);
  return all;
}

}  // namespace sluice::io
