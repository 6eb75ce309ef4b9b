// The file of measured choices. Needs no device.
#include "runtime/backend/cudnn/cuda/tuning_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::cuda {
namespace {

// A path of its own; what lies there goes with the case.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("sluice-tuning-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return (path / "tuning.json").string(); }
};

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("choices come back from the file, with what another wrote meanwhile",
          "[device][tuning]") {
  const Folder folder;
  TuningCache one(folder.file());
  TuningCache other(folder.file());
  one.put("a", {3, "cuDNN eng3"});
  one.put("b", {0, "cuDNN eng0"});
  one.save();
  other.put("b", {1, "cuDNN eng1"});
  other.save();
  const TuningCache read(folder.file());
  CHECK(read.find("a") == Preference{3, "cuDNN eng3"});
  CHECK(read.find("b") == Preference{1, "cuDNN eng1"});
  CHECK_FALSE(read.find("c").has_value());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a file that holds no choices counts as empty, and each bad entry as none",
          "[device][tuning]") {
  const Folder folder;
  for (const char* text : {"", "{", "[1, 2]", "null", "\"text\""}) {
    write(folder.file(), text);
    CHECK_FALSE(TuningCache(folder.file()).find("a").has_value());
  }
  write(folder.file(),
        R"({"a": 1, "b": {"rank": -1, "name": "x"}, "c": {"rank": 2}, "d": {"rank": 2, "name": 3},
            "e": {"rank": 4, "name": "cuDNN eng4"}})");
  const TuningCache read(folder.file());
  for (const char* key : {"a", "b", "c", "d"}) CHECK_FALSE(read.find(key).has_value());
  CHECK(read.find("e") == Preference{4, "cuDNN eng4"});
}

TEST_CASE("a path that cannot be written is named; no path keeps nothing", "[device][tuning]") {
  TuningCache nowhere("/proc/no-such-folder/tuning.json");
  nowhere.put("a", {});
  CHECK_THROWS_WITH(nowhere.save(), Catch::StartsWith("/proc/no-such-folder/tuning.json"));
  TuningCache in_memory("");
  in_memory.put("a", {1, "x"});
  in_memory.save();
  CHECK(in_memory.find("a") == Preference{1, "x"});
}

}  // namespace sluice::cudnn::cuda
