#include "tests/bench/prepare_files.h"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "io/jpeg.h"
#include "runtime/error.h"

namespace sluice::bench {
namespace {

MemoryFile load(const std::filesystem::path& path) {
  MemoryFile file{path.filename().string(),
                  std::vector<std::byte>(std::filesystem::file_size(path))};
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(file.bytes.data()), std::ssize(file.bytes));
  require(stream.good(), "cannot read {}: the files must not change meanwhile", path.string());
  return file;
}

bool decodes(const MemoryFile& file) {
  const auto header = io::read_jpeg_header(file.bytes, {});
  if (!header) return false;
  Image image(header.value().extent, PixelType::u8);
  return io::decode_jpeg(file.bytes, {}, image.view()).ok();
}

}  // namespace

MemoryFiles load_jpeg_files(const std::filesystem::path& folder) {
  require(std::filesystem::is_directory(folder), "{} is no folder: name one with JPEG files",
          folder.string());
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  MemoryFiles files;
  for (const auto& path : paths) {
    MemoryFile file = load(path);
    if (decodes(file)) files.push_back(std::move(file));
  }
  require(!files.empty(), "{} holds no JPEG file that can be decoded: name a folder that does",
          folder.string());
  return files;
}

Result<std::size_t> ReadMemory::read(const graph::SourceItem& item, std::span<std::byte> to) const {
  const auto& bytes = file_of(*files, item.id.number).bytes;
  std::memcpy(to.data(), bytes.data(), bytes.size());
  return bytes.size();
}

std::optional<graph::SourceItem> MemorySource::next() {
  if (position_ == count_) return std::nullopt;
  const std::uint32_t number = position_++;
  const MemoryFile& file = file_of(files_, number);
  return graph::SourceItem{.id = {.epoch = 0, .number = number, .position = number},
                           .path = file.name,
                           .label = 0,
                           .file_bytes = file.bytes.size()};
}

}  // namespace sluice::bench
