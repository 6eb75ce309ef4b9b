// Private to io's readers of JSON: fields of an object, each looked at before it is believed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::io {

// Throws Error{usage} naming `file` when `text` is no JSON document.
nlohmann::json parse_json(std::string_view text, const std::string& file);

// The text of a file of at most 64 MB. Throws Error{usage} naming it.
std::string json_text_of(const std::filesystem::path& path);

// One JSON object. Every throw is Error{usage} that names the file and the key with all that stands
// around it ("nodes[2].busy_seconds"). Refers to the document and the file's name.
class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, const std::string& file, std::string place = {});

  std::int64_t count(const char* key) const;  // 0 to 2^53
  int small_count(const char* key) const;     // 0 to a million
  double real(const char* key) const;         // finite
  std::string text(const char* key) const;    // percent-decoded
  std::string prose(const char* key) const;   // as it stands
  JsonFields object(const char* key) const;
  std::vector<JsonFields> objects(const char* key) const;  // a list of them
  std::vector<std::string> texts(const char* key) const;
  std::vector<std::int64_t> counts(const char* key) const;  // a list of 0 to 2^53
  std::vector<double> reals(const char* key) const;         // a list of finite ones
  std::vector<std::string> keys() const;
  // "FILE: PLACE.key"
  std::string where(std::string_view key) const;

 private:
  const nlohmann::json& at(const char* key) const;
  const nlohmann::json& list(const char* key) const;

  const nlohmann::json* object_;
  const std::string* file_;
  std::string place_;
};

}  // namespace sluice::io
