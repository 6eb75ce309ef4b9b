// Zip archives of stored entries, as PyTorch packs tensors.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sluice::io::test {

// Name and content of each entry.
using ZipContents = std::vector<std::pair<std::string, std::string>>;

// What an archive says otherwise than it should.
struct ZipOptions {
  unsigned short method = 0;  // 0: stored
  bool wide = false;          // sizes and places in the 64-bit extension, as large files have them
  unsigned long checksum_off = 0;  // added to every checksum
};

std::string zip_archive(const ZipContents& contents, const ZipOptions& options = {});

}  // namespace sluice::io::test
