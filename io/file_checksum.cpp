#include "io/file_checksum.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

namespace sluice::io {

struct FileChecksum::State {
  XXH3_state_t* hash = XXH3_createState();
  ~State() { XXH3_freeState(hash); }
};

FileChecksum::FileChecksum() : state_(std::make_unique<State>()) {
  if (state_->hash == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_->hash);
}

FileChecksum::~FileChecksum() = default;

void FileChecksum::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_64bits_update(state_->hash, bytes.data(), bytes.size());
}

std::string FileChecksum::text() const {
  return fmt::format("{:016x}", XXH3_64bits_digest(state_->hash));
}

std::optional<std::size_t> checksum_digits(std::string_view header) {
  const std::string before = fmt::format("\"{}\":\"", kChecksumKey);
  const std::size_t found = header.find(before);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t at = found + before.size();
  if (header.size() < at + kNoChecksum.size()) return std::nullopt;
  return at;
}

}  // namespace sluice::io
