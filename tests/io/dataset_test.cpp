#include "io/dataset.h"

#include <algorithm>
#include <set>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

std::vector<std::string> paths(const Dataset& set) {
  std::vector<std::string> names;
  for (const Entry& entry : set.entries) names.push_back(entry.path);
  return names;
}

std::string error_of(const std::filesystem::path& data, SplitOptions options = {}) {
  return thrown([&] { (void)open_labelled(data, options); });
}

// Two classes of `count` files each below `prefix`.
void add_classes(const TempFolder& folder, const std::string& prefix, int count) {
  for (const char* const name : {"cat", "dog"}) {
    for (int i = 0; i < count; ++i) {
      folder.add(prefix + name + "/image_" + std::to_string(i) + ".jpg", "x");
    }
  }
}

}  // namespace

TEST_CASE("train and val folders give two sets with the same classes", "[io][dataset]") {
  const TempFolder folder;
  folder.add("train/b/2.JPG", "12");
  folder.add("train/b/deep/er/1.jpeg", "1");
  folder.add("train/a b/1.jpg", "123");
  folder.add("train/a b/notes.txt", "no image");
  folder.add("train/a b/.hidden.jpg", "x");
  folder.add("train/.git/x.jpg", "x");
  folder.add("train/c/1.JpEg", "");
  folder.add("val/b/9.jpg", "x");

  const Split split = open_labelled(folder.path());
  CHECK(split.train.root == folder / "train");
  CHECK(split.train.classes == std::vector<std::string>{"a b", "b", "c"});
  CHECK(paths(split.train) ==
        std::vector<std::string>{"a b/1.jpg", "b/2.JPG", "b/deep/er/1.jpeg", "c/1.JpEg"});
  CHECK(split.train.entries[0].bytes == 3);
  CHECK(split.train.entries[0].mtime_ns > 1'000'000'000'000'000'000);
  CHECK(split.train.entries[2].label == 1);
  CHECK(split.val.root == folder / "val");
  CHECK(split.val.classes == split.train.classes);
  CHECK(paths(split.val) == std::vector<std::string>{"b/9.jpg"});
  CHECK(split.val.entries[0].label == 1);
}

TEST_CASE("entries are in the order of their bytes, upper case and high bytes included",
          "[io][dataset]") {
  const TempFolder folder;
  for (const char* const name :
       {"a/b.jpg", "a/B.jpg", "a/\xC3\xA9.jpg", "a/\xFF.jpg", "a-/x.jpg"}) {
    folder.add(name, "x");
  }
  const Split split = open_labelled(folder.path(), {.val_fraction = 0.0});
  CHECK(paths(split.train) ==
        std::vector<std::string>{"a-/x.jpg", "a/B.jpg", "a/b.jpg", "a/\xC3\xA9.jpg", "a/\xFF.jpg"});
  CHECK(split.val.entries.empty());
}

TEST_CASE("a set without val is split by the hash of each path", "[io][dataset]") {
  const TempFolder folder;
  add_classes(folder, "train/", 300);
  const Split split = open_labelled(folder.path(), {.val_fraction = 0.2});
  CHECK(split.train.entries.size() + split.val.entries.size() == 600);
  CHECK(split.val.entries.size() > 85);
  CHECK(split.val.entries.size() < 155);
  CHECK(split.val.classes == split.train.classes);
  for (const Entry& entry : split.val.entries) CHECK(falls_into_validation(entry.path, 0.2));
  for (const Entry& entry : split.train.entries) CHECK(!falls_into_validation(entry.path, 0.2));

  SECTION("the class tree itself gives the same split") {
    const Split direct = open_labelled(folder / "train", {.val_fraction = 0.2});
    CHECK(direct.val.entries == split.val.entries);
    CHECK(direct.train.hash == split.train.hash);
  }
  SECTION("more files move none") {
    add_classes(folder, "train/a_new_class_", 5);
    const Split more = open_labelled(folder.path(), {.val_fraction = 0.2});
    const auto before = paths(split.val), after = paths(more.val);
    CHECK(std::includes(after.begin(), after.end(), before.begin(), before.end()));
    const auto train_before = paths(split.train), train_after = paths(more.train);
    CHECK(std::includes(train_after.begin(), train_after.end(), train_before.begin(),
                        train_before.end()));
  }
}

TEST_CASE("the split's hash is frozen", "[io][dataset]") {
  // XXH3 of the path divided by 2^64, from the Python package xxhash.
  for (const auto& [path, share] : std::vector<std::pair<std::string, double>>{
           {"a", 0.9015}, {"cat/image_0.jpg", 0.0363}, {"dog/image_7.jpg", 0.3124}}) {
    CAPTURE(path);
    CHECK(falls_into_validation(path, share + 1e-4));
    CHECK(!falls_into_validation(path, share - 1e-4));
  }
}

TEST_CASE("the hash of a set knows paths, labels, sizes and times, and not the root",
          "[io][dataset]") {
  const TempFolder folder;
  folder.add("one/a/1.jpg", "x");
  folder.add("one/b/1.jpg", "x");
  const auto hash = [&] { return open_labelled(folder / "one", {.val_fraction = 0}).train.hash; };
  const std::uint64_t first = hash();
  CHECK(hash() == first);

  const auto time = std::filesystem::last_write_time(folder / "one/a/1.jpg");
  SECTION("the root's name does not count") {
    std::filesystem::rename(folder / "one", folder / "two");
    CHECK(open_labelled(folder / "two", {.val_fraction = 0}).train.hash == first);
  }
  SECTION("size") {
    folder.add("one/a/1.jpg", "xx");
    std::filesystem::last_write_time(folder / "one/a/1.jpg", time);
    CHECK(hash() != first);
  }
  SECTION("time") {
    std::filesystem::last_write_time(folder / "one/a/1.jpg", time + std::chrono::nanoseconds(1000));
    CHECK(hash() != first);
  }
  SECTION("path") {
    std::filesystem::rename(folder / "one/a/1.jpg", folder / "one/a/2.jpg");
    CHECK(hash() != first);
  }
  SECTION("class") {
    std::filesystem::rename(folder / "one/a", folder / "one/c");
    CHECK(hash() != first);
  }
}

TEST_CASE("links to files and folders are followed, circles are left", "[io][dataset]") {
  const TempFolder folder;
  folder.add("store/1.jpg", "123");
  folder.add("set/a/2.jpg", "x");
  std::filesystem::create_symlink(folder / "store/1.jpg", folder / "set/a/link.jpg");
  std::filesystem::create_directory_symlink(folder / "store", folder / "set/b");
  std::filesystem::create_directory_symlink(folder / "set", folder / "set/a/circle");
  std::filesystem::create_symlink(folder / "nowhere.jpg", folder / "set/a/broken.jpg");
  const Split split = open_labelled(folder / "set", {.val_fraction = 0});
  CHECK(paths(split.train) ==
        std::vector<std::string>{"a/2.jpg", "a/broken.jpg", "a/link.jpg", "b/1.jpg"});
  CHECK(split.train.entries[1].bytes == 0);
  CHECK(split.train.entries[2].bytes == 3);
}

TEST_CASE("a data folder that cannot be used is an error in one line", "[io][dataset]") {
  const TempFolder folder;
  const std::string name = folder.path().string();
  CHECK_THAT(error_of(folder / "missing"),
             Catch::StartsWith("2: " + name + "/missing does not exist; valid: DIR/train/CLASS"));
  CHECK_THAT(error_of("/dev/null"), Contains("/dev/null is neither a folder nor a list file"));
  CHECK_THAT(error_of(folder.path()),
             Contains("holds no class folders") && Contains("/CLASS/*.jpg"));

  folder.add("loose.jpg", "x");
  CHECK_THAT(error_of(folder.path()), Contains("holds no class folders"));
  folder.add("cat/1.jpg", "x");
  CHECK_THAT(error_of(folder.path()), Contains("has one class only (cat)"));
  folder.add("dog/readme.md", "x");
  CHECK_THAT(error_of(folder.path()),
             Contains("the class folder " + name + "/dog holds no .jpg or .jpeg file"));
  folder.add("dog/1.jpg", "x");
  CHECK(error_of(folder.path()) == "nothing");
  CHECK_THAT(error_of(folder.path(), {.val_fraction = 1.0}), Contains("below 1"));
  CHECK_THAT(error_of(folder.path(), {.val_fraction = -0.1}), Contains("at least 0"));
  CHECK_THAT(error_of(folder.path(), {.val_fraction = 0.9999999}),
             Contains("leaves no image to train on"));
}

TEST_CASE("val without train is an error", "[io][dataset]") {
  const TempFolder folder;
  add_classes(folder, "val/", 1);
  CHECK_THAT(error_of(folder.path()), Contains("has val/ but no train/"));
}

TEST_CASE("val with a class that train lacks is an error that lists both sides", "[io][dataset]") {
  const TempFolder folder;
  add_classes(folder, "train/", 2);
  folder.add("val/cat/1.jpg", "x");
  folder.add("val/Dog/1.jpg", "x");
  const std::string message = error_of(folder.path());
  CHECK_THAT(message, Contains("classes do not match") && Contains("/val has 2 classes") &&
                          Contains("only there: Dog;") &&
                          Contains("the training set has 2 classes, of them only there: dog"));
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("classes are matched by name", "[io][dataset]") {
  const std::vector<std::string> have{"cat", "emu"}, want{"ape", "cat", "dog", "emu"};
  CHECK(match_classes({"here", have}, {"there", want}) == std::vector<int>{1, 3});
  CHECK_THAT(thrown([&] {
               (void)match_classes({"the folder", want}, {"the weights", have});
             }),
             Contains("the folder has 4 classes, of them only there: ape, dog; the weights has 2 "
                      "classes, of them only there: none"));
}

TEST_CASE("a message names many classes by the first few", "[io][dataset]") {
  std::vector<std::string> have;
  for (int i = 10; i < 40; ++i) have.push_back("class" + std::to_string(i));
  const std::vector<std::string> want{"other"};
  CHECK_THAT(
      thrown([&] {
        (void)match_classes({"A", have}, {"B", want});
      }),
      Contains(
          "class10, class11, class12, class13, class14, class15, class16, class17 and 22 more"));
}

TEST_CASE("a name with a newline stays in one line of a message", "[io][dataset]") {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "two\nlines/cat");
  CHECK_THAT(error_of(folder / "two\nlines"), Contains("two\\nlines/cat holds no .jpg"));
}

TEST_CASE("unlabelled data are every file of a tree but notes and tables", "[io][dataset]") {
  const TempFolder folder;
  for (const char* const name : {"a/1.jpg", "2.png", "noext", "MANIFEST.tsv", "r.md", "x.TXT",
                                 "j.json", ".hidden", "a/b/c/3.bin"}) {
    folder.add(name, "x");
  }
  const Dataset set = open_unlabelled(folder.path());
  CHECK(paths(set) == std::vector<std::string>{"2.png", "a/1.jpg", "a/b/c/3.bin", "noext"});
  CHECK(set.classes == std::vector<std::string>{"0"});
  for (const Entry& entry : set.entries) CHECK(entry.label == 0);

  const Dataset one = open_unlabelled(folder / "2.png");
  CHECK(one.root == folder.path());
  CHECK(paths(one) == std::vector<std::string>{"2.png"});
  CHECK(one.entries[0].bytes == 1);

  CHECK_THAT(thrown([&] { (void)open_unlabelled(folder / "none"); }), Contains("does not exist"));
  std::filesystem::create_directory(folder / "empty");
  CHECK_THAT(thrown([&] { (void)open_unlabelled(folder / "empty"); }), Contains("holds no file"));
}

TEST_CASE("links in a circle and names too long are refused or passed over in one line",
          "[io][dataset]") {
  const TempFolder folder;
  for (const char* const name : {"set/cat/1.jpg", "set/dog/1.jpg"}) folder.add(name, "x");
  std::filesystem::create_symlink("circle", folder / "set/circle");
  std::filesystem::create_symlink("train.txt", folder / "set/train.txt");
  const Split split = open_labelled(folder / "set", {.val_fraction = 0.0});
  CHECK(split.train.classes == std::vector<std::string>{"cat", "dog"});

  for (const std::filesystem::path& name :
       {folder / "set/circle", folder / std::string(300, 'x')}) {
    CHECK_THAT(thrown([&] { (void)open_labelled(name); }),
               Contains("2: ") && Contains("cannot be opened: "));
    CHECK_THAT(thrown([&] { (void)open_unlabelled(name); }),
               Contains("2: ") && Contains("cannot be opened: "));
  }
}
