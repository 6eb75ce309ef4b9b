#include "io/read_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

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

TEST_CASE("a file below an open folder is read whole", "[io][read]") {
  const test::TempFolder folder;
  folder.add("f", "1234");
  const Descriptor open = open_folder(folder.path());
  std::vector<std::byte> bytes(4);
  const std::string_view longer = "f and what no name ends at";
  REQUIRE(read_file(open, longer.substr(0, 1), bytes).ok());
  CHECK(std::memcmp(bytes.data(), "1234", 4) == 0);
  const std::string absolute = (folder / "f").string();
  CHECK(read_file(open, absolute, bytes).ok());
}

TEST_CASE("below an open folder a bad file has the same words as by its path", "[io][read]") {
  const test::TempFolder folder;
  const Descriptor open = open_folder(folder.path());
  std::vector<std::byte> bytes(4);
  folder.add("f", "123");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const std::string& name : {std::string("gone"), std::string("f"), std::string("pipe"),
                                  std::string("."), std::string("f/x"), std::string(5000, 'x')}) {
    CAPTURE(name);
    const auto result = read_file(open, name, bytes);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error() == read_file(folder / name, bytes).error());
  }
  CHECK_THAT(read_file(open, "gone", bytes).error().message, Contains("No such file"));
}

TEST_CASE("a folder that cannot be opened is a usage error that names it", "[io][read]") {
  const test::TempFolder folder;
  folder.add("f", "1");
  for (const char* name : {"gone", "f"}) {
    try {
      open_folder(folder / name);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK_THAT(error.what(), Contains("the folder") && Contains((folder / name).string()));
    }
  }
  CHECK(open_folder("").open());
}
