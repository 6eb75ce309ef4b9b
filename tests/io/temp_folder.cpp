#include "tests/io/temp_folder.h"

#include <cstdlib>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>

namespace sluice::io::test {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "sluice-io-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path TempFolder::add(std::string_view name, std::string_view content) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::byte> bytes_of(const fs::path& path) {
  const std::string text = text_of(path);
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::optional<fs::path> real_data(std::string_view below) {
  fs::path root;
  if (const char* const data = std::getenv("SLUICE_DATA")) {
    root = data;
  } else if (const char* const source = std::getenv("SLUICE_SOURCE")) {
    root = fs::path(source).parent_path() / "shared" / "data";
  }
  if (root.empty() || !fs::exists(root / below)) return std::nullopt;
  return root / below;
}

}  // namespace sluice::io::test
