// Files that appear whole or not at all: written beside their name (`NAME.PID.partial`, so that two
// programs with one cache never write into one file), synced, renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "io/descriptor.h"

namespace sluice::io {

// One writer of a name in a process; one thread. Every failure is Error{run} that names the file
// and the reason; the partial file goes away with the object unless `commit` was reached.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Changes bytes that were written before.
  void overwrite(std::uint64_t offset, std::string_view text);
  // Syncs the file, gives it its name (replacing an older one), syncs the folder.
  void commit();

 private:
  [[noreturn]] void fail_with(int number) const;

  std::filesystem::path path_;
  std::filesystem::path partial_;
  Descriptor file_;
  bool committed_ = false;
};

// Removes what writers of files in `folder` have left there that were killed: `*.partial`. Only for
// a folder that nobody else writes to.
void remove_partial_files(const std::filesystem::path& folder);

// The same in a folder that other runs write to: only files that nobody has locked (whoever writes
// one has) and that are older than a minute.
void remove_abandoned_files(const std::filesystem::path& folder);

// The whole of a text file.
void write_text_file(const std::filesystem::path& path, std::string_view text);

// Writes all of `bytes`; 0, or the errno of the failure. For writers that keep their file open.
int write_fully(int descriptor, std::span<const std::byte> bytes);

}  // namespace sluice::io
