#include "io/zip_archive.h"

#include <cstring>

#include "tests/io/temp_folder.h"
#include "tests/io/zip_fixture.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

const test::ZipContents kContents = {{"a/first", "one"}, {"a/empty", ""}, {"b", "two words"}};

ZipArchive open(const TempFolder& folder, std::string_view content) {
  return ZipArchive(InputFile(folder.add("archive", content), "an archive"));
}

std::string text_of(const ZipArchive& archive, std::string_view name) {
  const ZipEntry* const entry = archive.find(name);
  REQUIRE(entry != nullptr);
  std::string text(entry->size, '\0');
  archive.read(*entry, 0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace

TEST_CASE("entries of an archive are found and read, whatever their width", "[io][zip]") {
  const TempFolder folder;
  for (const bool wide : {false, true}) {
    const ZipArchive archive = open(folder, test::zip_archive(kContents, {.wide = wide}));
    CHECK(archive.entries().size() == 3);
    for (const auto& [name, content] : kContents) CHECK(text_of(archive, name) == content);
    CHECK(archive.find("c") == nullptr);
    std::string part(3, '\0');
    archive.read(*archive.find("b"), 4, std::as_writable_bytes(std::span(part)));
    CHECK(part == "wor");
  }
}

TEST_CASE("an archive with a comment behind it is read", "[io][zip]") {
  const TempFolder folder;
  std::string file = test::zip_archive(kContents);
  file[file.size() - 2] = 7;
  CHECK(text_of(open(folder, file + "comment"), "b") == "two words");
}

TEST_CASE("damaged archives are refused with the entry's name", "[io][zip]") {
  const TempFolder folder;
  const std::string file = test::zip_archive(kContents);
  CHECK_THAT(thrown([&] { open(folder, file.substr(0, file.size() - 30)); }),
             Contains("cut short"));
  CHECK_THAT(thrown([&] { open(folder, ""); }), Contains("too few"));
  CHECK_THAT(thrown([&] { open(folder, test::zip_archive(kContents, {.method = 8})); }),
             Contains("entry a/first is compressed"));
  const ZipArchive other = open(folder, test::zip_archive(kContents, {.checksum_off = 1}));
  CHECK_THAT(thrown([&] { text_of(other, "b"); }), Contains("entry b is damaged: its checksum"));
  CHECK_THAT(thrown([&] {
               std::string text(10, '\0');
               other.read(*other.find("b"), 0, std::as_writable_bytes(std::span(text)));
             }),
             Contains("entry b has 9 bytes, 10 were asked for"));
}

TEST_CASE("what an archive says of its directory is checked before memory is taken", "[io][zip]") {
  const TempFolder folder;
  std::string file = test::zip_archive(kContents);
  const auto with = [&](std::size_t from_end, std::uint32_t value, std::size_t bytes) {
    std::string changed = file;
    std::memcpy(changed.data() + changed.size() - from_end, &value, bytes);
    return thrown([&] { open(folder, changed); });
  };
  CHECK_THAT(with(10, 0x7FFFFFFF, 4), Contains("directory cannot lie at byte"));
  CHECK_THAT(with(6, 0x7FFFFFFF, 4), Contains("directory cannot lie at byte"));
  CHECK_THAT(with(12, 60'000, 2), Contains("says it has 60000 entries"));
  CHECK_THAT(with(10, 0xFFFFFFFF, 4), Contains("64-bit directory is missing"));
}
