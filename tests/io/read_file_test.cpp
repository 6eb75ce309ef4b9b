#include "io/read_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;

TEST_CASE("a file is read whole", "[io][read]") {
  const test::TempFolder folder;
  std::string content(300'000, 'a');
  content[299'999] = 'z';
  const auto path = folder.add("f", content);
  const auto size = file_bytes(path);
  REQUIRE(size.ok());
  REQUIRE(size.value() == content.size());
  std::vector<std::byte> bytes(size.value());
  REQUIRE(read_file(path, bytes).ok());
  CHECK(std::memcmp(bytes.data(), content.data(), content.size()) == 0);

  const auto empty = folder.add("empty", "");
  CHECK(file_bytes(empty).value() == 0);
  CHECK(read_file(empty, {}).ok());
}

TEST_CASE("a file that cannot be read is a value with the reason", "[io][read]") {
  const test::TempFolder folder;
  std::vector<std::byte> bytes(4);
  CHECK_THAT(file_bytes(folder / "gone").error().message, Contains("No such file"));
  CHECK_THAT(read_file(folder / "gone", bytes).error().message, Contains("No such file"));
  CHECK(file_bytes(folder.path()).error().message == "is a folder, not a file");
  CHECK(read_file(folder.path(), bytes).error().message == "is a folder, not a file");
  CHECK(read_file(folder.add("f", "123"), bytes).error().message ==
        "changed while running: 3 bytes, was 4");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(read_file(folder / "pipe", bytes).error().message == "is not a regular file");
  if (::geteuid() != 0) {  // root may read everything
    const auto path = folder.add("locked", "1234");
    REQUIRE(::chmod(path.c_str(), 0) == 0);
    CHECK_THAT(read_file(path, bytes).error().message, Contains("Permission denied"));
  }
}
