#include "io/dataset.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

constexpr SplitOptions kAllTrain{.val_fraction = 0.0};

std::string error_of(const TempFolder& folder, std::string_view list) {
  const auto path = folder.add("list.txt", list);
  return thrown([&] { (void)open_labelled(path, kAllTrain); });
}

}  // namespace

TEST_CASE("a list of numbered labels gives numbered classes", "[io][list]") {
  const TempFolder folder;
  folder.add("b/with space.jpg", "123");
  folder.add("a.jpg", "1");
  const auto list = folder.add("list.txt", "b/with space.jpg  3\r\n\n  \na.jpg\t0");
  const Dataset set = open_labelled(list, kAllTrain).train;
  CHECK(set.root == folder.path());
  CHECK(set.classes == std::vector<std::string>{"0", "1", "2", "3"});
  REQUIRE(set.entries.size() == 2);
  CHECK(set.entries[0].path == "a.jpg");
  CHECK(set.entries[0].label == 0);
  CHECK(set.entries[1].path == "b/with space.jpg");
  CHECK(set.entries[1].label == 3);
  CHECK(set.entries[1].bytes == 3);
}

TEST_CASE("a list of named labels gives classes by the bytes of their names", "[io][list]") {
  const TempFolder folder;
  for (const char* const name : {"1.jpg", "2.jpg", "3.jpg"}) folder.add(name, "x");
  const auto list = folder.add("list.txt", "1.jpg zebra\n2.jpg Ape\n3.jpg 7\n");
  const Dataset set = open_labelled(list, kAllTrain).train;
  CHECK(set.classes == std::vector<std::string>{"7", "Ape", "zebra"});
  CHECK(set.entries[0].label == 2);
  CHECK(set.entries[1].label == 1);
  CHECK(set.entries[2].label == 0);
}

TEST_CASE("train.txt and val.txt in a folder are used, also beside flat folders", "[io][list]") {
  const TempFolder folder;
  for (const char* const name : {"train/1.jpg", "train/2.jpg", "val/1.jpg"}) folder.add(name, "x");
  folder.add("train.txt", "train/1.jpg 0\ntrain/2.jpg 1\n");
  folder.add("val.txt", "val/1.jpg 1\n");
  const Split split = open_labelled(folder.path());
  CHECK(split.train.entries.size() == 2);
  REQUIRE(split.val.entries.size() == 1);
  CHECK(split.val.classes == split.train.classes);
  CHECK(split.val.entries[0].label == 1);

  folder.add("val.txt", "val/1.jpg 2\n");
  CHECK_THAT(thrown([&] { (void)open_labelled(folder.path()); }),
             Contains("val.txt has 3 classes, of them only there: 2"));
}

TEST_CASE("one list is split by fraction", "[io][list]") {
  const TempFolder folder;
  std::string list;
  for (int i = 0; i < 200; ++i) {
    const std::string name = std::to_string(i) + ".jpg";
    folder.add(name, "x");
    list += name;
    list += i % 2 == 0 ? " even\n" : " odd\n";
  }
  const Split split = open_labelled(folder.add("list.txt", list), {.val_fraction = 0.25});
  CHECK(split.train.entries.size() + split.val.entries.size() == 200);
  CHECK(split.val.entries.size() > 25);
  CHECK(split.val.entries.size() < 80);
}

TEST_CASE("a bad list is an error that names its line", "[io][list]") {
  const TempFolder folder;
  folder.add("1.jpg", "x");
  folder.add("2.jpg", "x");
  CHECK_THAT(error_of(folder, ""), Contains("list.txt names no file"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n2.jpg\n"),
             Contains("line 2 is '2.jpg'; valid: 'path label'"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n  7\n"), Contains("line 2 is '  7'"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n2.jpg -1\n"),
             Contains("line 2: the label -1 is out of range; valid: 0 to 99999"));
  CHECK_THAT(error_of(folder, "1.jpg 100000\n2.jpg 1\n"), Contains("line 1: the label 100000"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n2.jpg 99999999999999999999999\n"),
             Contains("out of range"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n2.jpg 0\n"), Contains("one class only (0)"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n\nno.jpg 1\nnor.jpg 1\n"),
             Contains("names 2 missing file(s), the first is no.jpg (line 3)"));
  CHECK_THAT(error_of(folder, "1.jpg 0\n. 1\n"), Contains("names 1 missing file(s)"));
  CHECK_THAT(error_of(folder, "\xFF\xD8\xFF\x01\x02\n"),
             Contains("line 1 is '\xFF\xD8\xFF\\x01\\x02'"));
}

TEST_CASE("a path with a NUL byte is refused, not cut where the system would cut it",
          "[io][list]") {
  using namespace std::string_view_literals;
  const TempFolder folder;
  folder.add("1.jpg", "x");
  CHECK_THAT(error_of(folder, "1.jpg 0\n1.jpg\0anything.jpg 1\n"sv),
             Contains("line 2 holds a NUL byte"));
}

TEST_CASE("a list without line ends is refused before all of it is in memory", "[io][list]") {
  const TempFolder folder;
  folder.add("1.jpg", "x");
  CHECK_THAT(error_of(folder, "1.jpg 0\n" + std::string(70'000, 'x')),
             Contains("line 2 has more than 65534 bytes"));
  CHECK_THAT(error_of(folder, std::string(65'534, 'x') + "\n"), Contains("valid: 'path label'"));
}

TEST_CASE("a list that cannot be read to its end is no shorter list", "[io][list]") {
  // A regular file whose first read fails.
  CHECK_THAT(thrown([] { (void)open_labelled("/proc/self/mem"); }),
             Contains("cannot read the list /proc/self/mem behind line 0"));
}

TEST_CASE("a list may name files elsewhere", "[io][list]") {
  const TempFolder folder;
  folder.add("1.jpg", "x");
  folder.add("below/list.txt", "../1.jpg 0\n" + (folder / "1.jpg").string() + " 1\n");
  const Dataset set = open_labelled(folder / "below/list.txt", kAllTrain).train;
  REQUIRE(set.entries.size() == 2);
  CHECK(set.entries[0].bytes == 1);
  CHECK(set.entries[1].bytes == 1);
}

TEST_CASE("a list serves as unlabelled data", "[io][list]") {
  const TempFolder folder;
  folder.add("1.jpg", "x");
  const Dataset set = open_unlabelled(folder.add("list.txt", "1.jpg 5\n"));
  REQUIRE(set.entries.size() == 1);
  CHECK(set.entries[0].label == 0);
  CHECK(set.classes == std::vector<std::string>{"0"});
}
