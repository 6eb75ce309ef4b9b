#include "tests/io/zip_fixture.h"

#include <zlib.h>

#include <cstdint>
#include <cstring>

namespace sluice::io::test {
namespace {

template <class T>
void add(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof bytes);
}

std::uint32_t checksum(const std::string& content) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

// Version, flags, method, time, date, checksum, both sizes: the middle of both kinds of header.
void add_middle(std::string& to, const std::string& content, const ZipOptions& options,
                std::uint32_t size) {
  add<std::uint16_t>(to, 0);
  add<std::uint16_t>(to, options.method);
  add<std::uint32_t>(to, 0);
  add(to, static_cast<std::uint32_t>(checksum(content) + options.checksum_off));
  add(to, size);
  add(to, size);
}

std::string extension64(std::uint64_t size, std::uint64_t place) {
  std::string extra;
  add<std::uint16_t>(extra, 1);
  add<std::uint16_t>(extra, 24);
  add(extra, size);
  add(extra, size);
  add(extra, place);
  return extra;
}

void add_end64(std::string& file, std::uint64_t entries, std::uint64_t begin, std::uint64_t bytes) {
  const std::uint64_t at = file.size();
  add<std::uint32_t>(file, 0x06064B50);
  add<std::uint64_t>(file, 44);
  add<std::uint32_t>(file, 0);  // versions
  add<std::uint64_t>(file, 0);  // disks
  add(file, entries);
  add(file, entries);
  add(file, bytes);
  add(file, begin);
  add<std::uint32_t>(file, 0x07064B50);
  add<std::uint32_t>(file, 0);
  add(file, at);
  add<std::uint32_t>(file, 1);
}

}  // namespace

std::string zip_archive(const ZipContents& contents, const ZipOptions& options) {
  constexpr std::uint32_t kWide = 0xFFFFFFFF;
  std::string file, directory;
  for (const auto& [name, content] : contents) {
    const auto place = file.size();
    const auto size = static_cast<std::uint32_t>(content.size());
    const std::string extra = options.wide ? extension64(content.size(), place) : "";
    add<std::uint32_t>(file, 0x04034B50);
    add<std::uint16_t>(file, 0);
    add_middle(file, content, options, size);
    add(file, static_cast<std::uint16_t>(name.size()));
    add<std::uint16_t>(file, 0);
    file += name + content;
    add<std::uint32_t>(directory, 0x02014B50);
    add<std::uint32_t>(directory, 0);
    add_middle(directory, content, options, options.wide ? kWide : size);
    add(directory, static_cast<std::uint16_t>(name.size()));
    add(directory, static_cast<std::uint16_t>(extra.size()));
    add<std::uint16_t>(directory, 0);
    add<std::uint16_t>(directory, 0);
    add<std::uint16_t>(directory, 0);
    add<std::uint32_t>(directory, 0);
    add(directory, options.wide ? kWide : static_cast<std::uint32_t>(place));
    directory += name + extra;
  }
  const std::uint64_t begin = file.size();
  file += directory;
  if (options.wide) add_end64(file, contents.size(), begin, directory.size());
  add<std::uint32_t>(file, 0x06054B50);
  add<std::uint32_t>(file, 0);
  const auto count = static_cast<std::uint16_t>(options.wide ? 0xFFFF : contents.size());
  add(file, count);
  add(file, count);
  add(file, options.wide ? kWide : static_cast<std::uint32_t>(directory.size()));
  add(file, options.wide ? kWide : static_cast<std::uint32_t>(begin));
  add<std::uint16_t>(file, 0);
  return file;
}

}  // namespace sluice::io::test
