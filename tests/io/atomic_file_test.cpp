#include "io/atomic_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <vector>

#include "io/safetensors.h"
#include "tests/io/full_disk.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

std::filesystem::path partial(const std::filesystem::path& file) {
  return fmt::format("{}.{}.partial", file.string(), ::getpid());
}

}  // namespace

TEST_CASE("a file has its name only when it is whole", "[io][atomic]") {
  const TempFolder folder;
  {
    AtomicFile file(folder / "f");
    file.write("12");
    CHECK(!std::filesystem::exists(folder / "f"));
    CHECK(std::filesystem::exists(partial(folder / "f")));
    file.write("34");
    file.commit();
  }
  CHECK(test::text_of(folder / "f") == "1234");
  CHECK(!std::filesystem::exists(partial(folder / "f")));
}

TEST_CASE("a file that is given up leaves the old one and no partial one", "[io][atomic]") {
  const TempFolder folder;
  write_text_file(folder / "f", "old");
  {
    AtomicFile file(folder / "f");
    file.write("new");
  }
  CHECK(test::text_of(folder / "f") == "old");
  CHECK(!std::filesystem::exists(partial(folder / "f")));
  write_text_file(folder / "f", "new");
  CHECK(test::text_of(folder / "f") == "new");
}

TEST_CASE("a full disk is a failed run in one line with nothing half written", "[io][atomic]") {
  const TempFolder folder;
  write_text_file(folder / "w", "old");
  const std::vector<float> values(100'000);
  const std::vector<NamedTensor> tensors{{"t", {Shape{100'000}, values}}};
  std::string message;
  {
    const test::FullDisk full(50'000);
    message = thrown([&] { write_safetensors(folder / "w", tensors, {}); });
  }
  CHECK(message == "1: cannot write " + (folder / "w").string() +
                       ": File too large; nothing was left under that name");
  CHECK(test::text_of(folder / "w") == "old");
  CHECK(!std::filesystem::exists(partial(folder / "w")));

  // The device that is always full.
  std::filesystem::create_symlink("/dev/full", partial(folder / "x"));
  CHECK_THAT(thrown([&] { write_text_file(folder / "x", "text"); }),
             Contains("1: ") && Contains("No space left on device"));
  CHECK(!std::filesystem::exists(std::filesystem::symlink_status(partial(folder / "x"))));
}

TEST_CASE("a name that cannot be written is a failed run", "[io][atomic]") {
  const TempFolder folder;
  CHECK_THAT(thrown([&] { write_text_file(folder / "none/f", "x"); }),
             Contains("1: cannot write ") && Contains("No such file or directory"));
  std::filesystem::create_directories(folder / "f/g");
  CHECK_THAT(thrown([&] { write_text_file(folder / "f", "x"); }), Contains("1: cannot write "));
  CHECK(!std::filesystem::exists(partial(folder / "f")));
}

TEST_CASE("another program's partial file of the same name is left alone", "[io][atomic]") {
  const TempFolder folder;
  const std::filesystem::path other = folder / "f.1.partial";  // of a process that is not this one
  write_text_file(other, "half of ");
  write_text_file(folder / "f", "whole");
  CHECK(test::text_of(folder / "f") == "whole");
  CHECK(test::text_of(other) == "half of ");
}

TEST_CASE("what killed writers left in a shared folder goes away, what is being written stays",
          "[io][atomic]") {
  const TempFolder folder;
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  const auto add = [&](const char* name, std::filesystem::file_time_type time) {
    std::filesystem::last_write_time(folder.add(name, "half"), time);
  };
  add("left.7.partial", old);
  add("fresh.8.partial", std::filesystem::file_time_type::clock::now());
  add("whole", old);
  AtomicFile writing(folder / "writing");
  const auto half = partial(folder / "writing");
  std::filesystem::last_write_time(half, old);
  remove_abandoned_files(folder.path());
  CHECK_FALSE(std::filesystem::exists(folder / "left.7.partial"));
  CHECK(std::filesystem::exists(folder / "fresh.8.partial"));
  CHECK(std::filesystem::exists(folder / "whole"));
  CHECK(std::filesystem::exists(half));
}
