// Zip archives whose entries are stored as they are (not compressed), which is how PyTorch packs
// tensors; with the 64-bit extension (PKWARE's APPNOTE, sections 4.3 and 4.5.3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/input_file.h"

namespace sluice::io {

struct ZipEntry {
  std::string name;          // any bytes
  std::uint64_t header = 0;  // where its local header lies
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;  // CRC-32
};

// An open archive whose directory has been checked against the file's size before anything was
// allocated for its entries. Any thread may read. Every failure is Error{usage} that names file
// and entry.
class ZipArchive {
 public:
  static constexpr std::uint64_t kMostDirectoryBytes = 64 << 20;
  static constexpr std::uint64_t kMostEntries = 100'000;

  // Whether a file begins like an archive.
  static bool looks_like(const InputFile& file);

  explicit ZipArchive(InputFile file);

  const InputFile& file() const { return file_; }
  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;  // null: no such entry

  // Bytes of an entry from `offset` on. A whole entry is compared with its checksum.
  void read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> to) const;

 private:
  struct Directory {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
  };
  std::string_view name_of(std::uint32_t entry) const { return entries_[entry].name; }
  Directory find_directory() const;
  Directory read_directory64(std::uint64_t end_record) const;

  InputFile file_;
  std::vector<ZipEntry> entries_;
  std::vector<std::uint32_t> by_name_;  // places in entries_; of equal names the first comes first
};

}  // namespace sluice::io
