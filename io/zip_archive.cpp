#include "io/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <type_traits>
#include <utility>

#include "io/text.h"

namespace sluice::io {
namespace {

// Signatures and sizes of the records (APPNOTE 4.3).
constexpr std::uint32_t kLocalHeader = 0x04034B50, kDirectoryEntry = 0x02014B50;
constexpr std::uint32_t kEnd = 0x06054B50, kEnd64 = 0x06064B50, kLocator64 = 0x07064B50;
constexpr std::size_t kLocalBytes = 30, kDirectoryBytes = 46, kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56, kLocatorBytes = 20, kMostComment = 65'535;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // the value stands in the 64-bit extension
constexpr std::uint16_t kEncrypted = 1, kStored = 0, kExtension64 = 1;

using Bytes = std::span<const std::byte>;

// Little endian; `at` has been checked by the caller.
template <class T>
T number(Bytes bytes, std::size_t at) {
  static_assert(std::is_unsigned_v<T>);
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// The values of an entry that did not fit 32 bits, in this order: size, stored size, header.
void read_extension64(Bytes extra, ZipEntry& entry, std::uint64_t& stored,
                      const std::string& file) {
  while (extra.size() >= 4) {
    const auto kind = number<std::uint16_t>(extra, 0);
    const std::size_t bytes = number<std::uint16_t>(extra, 2);
    extra = extra.subspan(4);
    require(bytes <= extra.size(), "{}: entry {}: its extra field is cut short", file,
            one_line(entry.name));
    if (kind == kExtension64) {
      std::size_t at = 0;
      for (std::uint64_t* const value : {&entry.size, &stored, &entry.header}) {
        if (*value != kIn64) continue;
        require(at + 8 <= bytes, "{}: entry {}: its 64-bit sizes are cut short", file,
                one_line(entry.name));
        *value = number<std::uint64_t>(extra, at);
        at += 8;
      }
      return;
    }
    extra = extra.subspan(bytes);
  }
}

// One record of the directory; `records` is moved behind it.
ZipEntry read_entry(Bytes& records, const std::string& file) {
  require(records.size() >= kDirectoryBytes && number<std::uint32_t>(records, 0) == kDirectoryEntry,
          "{}: the archive's directory is damaged", file);
  const std::size_t name = number<std::uint16_t>(records, 28);
  const std::size_t extra = number<std::uint16_t>(records, 30);
  const std::size_t comment = number<std::uint16_t>(records, 32);
  require(records.size() - kDirectoryBytes >= name + extra + comment,
          "{}: the archive's directory is cut short", file);
  ZipEntry entry{.name = {reinterpret_cast<const char*>(records.data()) + kDirectoryBytes, name},
                 .header = number<std::uint32_t>(records, 42),
                 .size = number<std::uint32_t>(records, 24),
                 .checksum = number<std::uint32_t>(records, 16)};
  std::uint64_t stored = number<std::uint32_t>(records, 20);
  read_extension64(records.subspan(kDirectoryBytes + name, extra), entry, stored, file);
  require((number<std::uint16_t>(records, 8) & kEncrypted) == 0, "{}: entry {} is encrypted", file,
          one_line(entry.name));
  require(number<std::uint16_t>(records, 10) == kStored && stored == entry.size,
          "{}: entry {} is compressed; valid: archives as torch.save writes them, or pack it anew "
          "with zip -0",
          file, one_line(entry.name));
  records = records.subspan(kDirectoryBytes + name + extra + comment);
  return entry;
}

}  // namespace

bool ZipArchive::looks_like(const InputFile& file) {
  if (file.size() < kEndBytes) return false;
  std::array<std::byte, 4> bytes{};
  file.read_at(0, bytes);
  return number<std::uint32_t>(bytes, 0) == kLocalHeader;
}

ZipArchive::ZipArchive(InputFile file) : file_(std::move(file)) {
  const Directory directory = find_directory();
  const std::string& name = file_.name();
  require(directory.bytes <= kMostDirectoryBytes && directory.bytes <= file_.size() &&
              directory.begin <= file_.size() - directory.bytes,
          "{}: the archive's directory cannot lie at byte {} with {} bytes (the file has {})", name,
          directory.begin, directory.bytes, file_.size());
  require(
      directory.entries <= kMostEntries && directory.entries <= directory.bytes / kDirectoryBytes,
      "{}: the archive says it has {} entries; valid: what {} bytes hold, at most {}", name,
      directory.entries, directory.bytes, kMostEntries);
  std::vector<std::byte> bytes(directory.bytes);
  file_.read_at(directory.begin, bytes);
  Bytes records = bytes;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    entries_.push_back(read_entry(records, name));
    const ZipEntry& entry = entries_.back();
    require(entry.header <= file_.size() && entry.size <= file_.size() - entry.header,
            "{}: entry {} lies behind the end of the file: it is cut short", name,
            one_line(entry.name));
  }
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::ranges::stable_sort(by_name_, {}, [&](std::uint32_t i) { return name_of(i); });
}

// The end record is the last thing in the file but for a comment.
ZipArchive::Directory ZipArchive::find_directory() const {
  require(file_.size() >= kEndBytes, "{} is no archive: {} bytes are too few", file_.name(),
          file_.size());
  std::vector<std::byte> tail(std::min<std::uint64_t>(file_.size(), kEndBytes + kMostComment));
  const std::uint64_t tail_begin = file_.size() - tail.size();
  file_.read_at(tail_begin, tail);
  for (std::size_t at = tail.size() - kEndBytes + 1; at-- > 0;) {
    if (number<std::uint32_t>(tail, at) != kEnd) continue;
    Directory directory{.begin = number<std::uint32_t>(tail, at + 16),
                        .bytes = number<std::uint32_t>(tail, at + 12),
                        .entries = number<std::uint16_t>(tail, at + 10)};
    const bool in64 = directory.begin == kIn64 || directory.bytes == kIn64 ||
                      directory.entries == std::uint16_t(0xFFFF);
    return in64 ? read_directory64(tail_begin + at) : directory;
  }
  fail(ErrorKind::usage, "{}: the archive has no directory at its end: it is cut short",
       file_.name());
}

ZipArchive::Directory ZipArchive::read_directory64(std::uint64_t end_record) const {
  std::array<std::byte, kLocatorBytes> locator{};
  std::array<std::byte, kEnd64Bytes> end{};
  require(end_record >= locator.size(), "{}: the archive's 64-bit directory is missing",
          file_.name());
  file_.read_at(end_record - locator.size(), locator);
  const auto at = number<std::uint64_t>(locator, 8);
  require(number<std::uint32_t>(locator, 0) == kLocator64 && file_.size() >= end.size() &&
              at <= file_.size() - end.size(),
          "{}: the archive's 64-bit directory is missing", file_.name());
  file_.read_at(at, end);
  require(number<std::uint32_t>(end, 0) == kEnd64, "{}: the archive's 64-bit directory is damaged",
          file_.name());
  return {.begin = number<std::uint64_t>(end, 48),
          .bytes = number<std::uint64_t>(end, 40),
          .entries = number<std::uint64_t>(end, 32)};
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found =
      std::ranges::lower_bound(by_name_, name, {}, [&](std::uint32_t i) { return name_of(i); });
  return found == by_name_.end() || name_of(*found) != name ? nullptr : &entries_[*found];
}

void ZipArchive::read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> to) const {
  const std::string name = one_line(entry.name);
  require(offset <= entry.size && to.size() <= entry.size - offset,
          "{}: entry {} has {} bytes, {} were asked for", file_.name(), name, entry.size,
          offset + to.size());
  std::array<std::byte, kLocalBytes> local{};
  require(file_.size() - entry.header >= local.size(), "{}: entry {} is cut short", file_.name(),
          name);
  file_.read_at(entry.header, local);
  require(number<std::uint32_t>(local, 0) == kLocalHeader, "{}: entry {} is damaged", file_.name(),
          name);
  const std::uint64_t begin = entry.header + local.size() + number<std::uint16_t>(local, 26) +
                              number<std::uint16_t>(local, 28);
  require(begin <= file_.size() && entry.size <= file_.size() - begin, "{}: entry {} is cut short",
          file_.name(), name);
  file_.read_at(begin + offset, to);
  if (to.size() != entry.size) return;
  const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(to.data()), to.size());
  require(sum == entry.checksum, "{}: entry {} is damaged: its checksum does not match",
          file_.name(), name);
}

}  // namespace sluice::io
