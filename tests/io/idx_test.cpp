#include "io/idx.h"

#include <algorithm>
#include <cstring>

#include "io/data_identity.h"
#include "io/dataset.h"
#include "io/grey_records.h"
#include "tests/io/idx_fixture.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::add_digits;
using test::gzipped;
using test::idx_file;
using test::TempFolder;
using test::thrown;
using namespace std::string_literals;

namespace {

std::vector<std::byte> as_bytes(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

IdxArray parsed(std::string_view file, std::size_t dimensions = 1) {
  return parse_idx("NAME", as_bytes(file), dimensions);
}

// What is said of a file, plain; gzipped it has to be the same.
std::string refusal(const std::string& file, std::size_t dimensions = 1) {
  const std::string said = thrown([&] { parsed(file, dimensions); });
  CHECK(thrown([&] { parsed(gzipped(file), dimensions); }) == said);
  return said;
}

std::string error_of(const TempFolder& folder) {
  return thrown([&] { (void)open_labelled(folder.path()); });
}

}  // namespace

TEST_CASE("an idx file gives its sizes and values, plain or gzipped", "[io][idx]") {
  const std::string file = idx_file({2, 1, 3}, "abcdef");
  for (const std::string& bytes : {file, gzipped(file)}) {
    const IdxArray array = parsed(bytes, 3);
    CHECK(array.sizes == std::vector<std::uint32_t>{2, 1, 3});
    CHECK(as_text(array.values()) == "abcdef");
    CHECK(array.file.size() == file.size());
  }
}

TEST_CASE("an idx file of another kind is refused with what it starts with", "[io][idx]") {
  CHECK(refusal("") == "2: NAME has 0 bytes; valid: an idx file of at least 9");
  CHECK(refusal("\0\0\x08"s) == "2: NAME has 3 bytes; valid: an idx file of at least 9");
  CHECK(refusal(idx_file({1, 2}, "ab")) ==
        "2: NAME starts with 00 00 08 02; valid: 00 00 08 01, an idx file of bytes with 1 size(s)");
  CHECK(refusal("\0\0\x0D\x01\0\0\0\x01zzzz"s) ==
        "2: NAME starts with 00 00 0d 01; valid: 00 00 08 01, an idx file of bytes with 1 size(s)");
  CHECK_THAT(refusal("<html>not found</html>"), Contains("3c 68 74 6d"));
}

TEST_CASE("an idx file that is too short or too long says by how much", "[io][idx]") {
  CHECK(refusal(idx_file({2, 1, 3}, "abcde"), 3) ==
        "2: NAME is cut off: it has 21 bytes, 2 x 1 x 3 values take 22");
  CHECK(thrown([&] { parsed(idx_file({4}, "abcdefg")); }) ==
        "2: NAME has 3 bytes behind its 4 values; valid: 12 bytes in all");
  CHECK(thrown([&] { parsed(gzipped(idx_file({4}, "abcdefg"))); }) ==
        "2: NAME goes on behind its 4 values; valid: nothing behind them");
  CHECK(refusal(idx_file({0}, "")) == "2: NAME holds 0 values; valid: every size at least 1");
  CHECK_THAT(refusal(idx_file({3, 0, 5}, ""), 3), Contains("3 x 0 x 5"));
}

TEST_CASE("sizes are checked before memory is taken for them", "[io][idx]") {
  constexpr std::uint32_t kMost = 0xFFFFFFFF;
  CHECK(refusal(idx_file({kMost, kMost, kMost}, "abc"), 3) ==
        "2: NAME says that it holds 4294967295 x 4294967295 x 4294967295 values; valid: at most "
        "1073741824 bytes in all");
  CHECK_THAT(refusal(idx_file({65536, 65536, 65536}, "abc"), 3), Contains("at most 1073741824"));
  // A gibibyte would be allowed, but not from so few bytes.
  CHECK_THAT(thrown([&] { parsed(gzipped(idx_file({1 << 29}, "abc"))); }),
             Contains("536870912 values") && Contains("cannot hold so many"));
  const IdxLimits small{.most_bytes = 12};
  CHECK(parse_idx("NAME", as_bytes(idx_file({4}, "abcd")), 1, small).values().size() == 4);
  CHECK_THAT(
      thrown([&] { parse_idx("NAME", as_bytes(gzipped(idx_file({5}, "abcde"))), 1, small); }),
      Contains("at most 12 bytes"));
  const TempFolder folder;
  const auto path = folder.add("labels", idx_file({5}, "abcde"));
  CHECK_THAT(thrown([&] { read_idx(path, 1, small); }),
             Contains(path.string()) && Contains("has 13 bytes; valid: at most 12"));
}

TEST_CASE("damaged gzip data are refused, wherever the damage is", "[io][idx]") {
  std::string values;
  for (int i = 0; i < 400; ++i) values += static_cast<char>(i * i % 251);
  const std::string packed = gzipped(idx_file({400}, values));
  REQUIRE(parsed(packed).sizes[0] == 400);
  for (std::size_t length = 2; length < packed.size(); ++length) {
    CAPTURE(length);
    CHECK_THAT(thrown([&] { parsed(packed.substr(0, length)); }), Contains("end too early"));
  }
  std::string broken = packed;
  broken[packed.size() - 6] = static_cast<char>(broken[packed.size() - 6] ^ 1);  // its checksum
  CHECK_THAT(thrown([&] { parsed(broken); }), Contains("damaged near byte"));
  CHECK(thrown([&] { parsed(packed + "more"); }) ==
        "2: NAME has 4 bytes behind its gzip data; valid: none");
}

TEST_CASE("gzip data in several members are one file", "[io][idx]") {
  const std::string file = idx_file({6}, "abcdef");
  for (std::size_t cut = 1; cut < file.size(); ++cut) {
    CAPTURE(cut);
    const std::string first = gzipped(file.substr(0, cut)), second = gzipped(file.substr(cut));
    CHECK(as_text(parsed(first + second).values()) == "abcdef");
    CHECK_THAT(thrown([&] { parsed(first + second.substr(0, second.size() - 1)); }),
               Contains("end too early"));
    CHECK_THAT(thrown([&] { parsed(first + second + gzipped("x")); }), Contains("goes on behind"));
  }
}

TEST_CASE("a folder of the four files is a data set under any of their names", "[io][idx]") {
  const char before_idx = GENERATE('-', '.');
  const bool gzip = GENERATE(false, true);
  const TempFolder folder;
  add_digits(folder, {.images = 6, .before_idx = before_idx, .gzip = gzip});
  const Split split = open_labelled(folder.path());
  CHECK(split.train.classes == std::vector<std::string>{"0", "1", "2"});
  CHECK(split.val.classes == split.train.classes);
  REQUIRE(split.train.entries.size() == 6);
  REQUIRE(split.val.entries.size() == 3);
  CHECK(split.train.entries[4].path == "train/00000004");
  CHECK(split.train.entries[4].label == 1);
  CHECK(split.train.entries[4].bytes == 6);
  CHECK(split.val.entries[2].path == "t10k/00000002");
  REQUIRE(split.train.records);
  CHECK(split.train.records->extent() == Extent{3, 2});
  CHECK(split.train.records->count() == 6);
  CHECK(as_text(split.train.records->record(5)) == "\x32\x33\x34\x35\x36\x37");
  CHECK(as_text(split.val.records->record(0)) == "\0\1\2\3\4\5"s);
}

TEST_CASE("the same digits are the same data, however they are packed", "[io][idx]") {
  const TempFolder plain, packed, other;
  add_digits(plain, {});
  add_digits(packed, {.before_idx = '.', .gzip = true});
  add_digits(other, {});
  const auto path = other / "train-images-idx3-ubyte";
  std::string bytes = test::text_of(path);
  bytes.back() ^= 1;
  other.add("train-images-idx3-ubyte", bytes);
  const DataIdentity identity = identity_of(open_labelled(plain.path()));
  CHECK(identity.train_images == 6);
  CHECK(identity.val_images == 3);
  CHECK(identity.files == identity_of(open_labelled(packed.path())).files);
  CHECK(identity_difference(identity, identity_of(open_labelled(packed.path()))).empty());
  CHECK_THAT(identity_difference(identity, identity_of(open_labelled(other.path()))),
             Contains("pixels"));
}

TEST_CASE("lists win over idx files, and idx files over folders", "[io][idx]") {
  const TempFolder folder;
  add_digits(folder, {});
  folder.add("train/cat/1.jpg", "x");
  CHECK(open_labelled(folder.path()).train.records);
  folder.add("1.jpg", "x");
  folder.add("2.jpg", "x");
  folder.add("train.txt", "1.jpg a\n2.jpg b\n");
  folder.add("val.txt", "1.jpg a\n");
  CHECK_FALSE(open_labelled(folder.path()).train.records);
}

TEST_CASE("idx files without labels are the training images", "[io][idx]") {
  const TempFolder folder;
  add_digits(folder, {});
  const Dataset set = open_unlabelled(folder.path());
  CHECK(set.classes == std::vector<std::string>{"0"});
  REQUIRE(set.entries.size() == 6);
  CHECK(set.entries[1].label == 0);
  CHECK(set.records->count() == 6);
}

TEST_CASE("idx files that do not fit each other are refused with both names", "[io][idx]") {
  const TempFolder folder;
  add_digits(folder, {});
  const auto train_labels = folder / "train-labels-idx1-ubyte";
  SECTION("one is missing") {
    std::filesystem::remove(train_labels);
    CHECK_THAT(error_of(folder), Contains("has no train-labels-idx1-ubyte; valid: the four files"));
  }
  SECTION("other counts") {
    folder.add("train-labels-idx1-ubyte", idx_file({5}, "\0\1\2\0\1"s));
    CHECK_THAT(error_of(folder), Contains("train-images-idx3-ubyte holds 6 images") &&
                                     Contains("train-labels-idx1-ubyte holds 5 labels"));
  }
  SECTION("other sizes of images") {
    folder.add("t10k-images-idx3-ubyte", idx_file({3, 3, 2}, "abcdefghijklmnopqr"));
    CHECK_THAT(error_of(folder), Contains("images of 3 x 2") && Contains("of 2 x 3"));
  }
  SECTION("a label that training does not know") {
    folder.add("t10k-labels-idx1-ubyte", idx_file({3}, "\0\1\7"s));
    CHECK_THAT(error_of(folder), Contains("holds the label 7; valid: 0 to 2"));
  }
  SECTION("one class only") {
    folder.add("train-labels-idx1-ubyte", idx_file({6}, std::string(6, '\0')));
    folder.add("t10k-labels-idx1-ubyte", idx_file({3}, std::string(3, '\0')));
    CHECK_THAT(error_of(folder), Contains("one class only"));
  }
  SECTION("labels where images should be") {
    folder.add("train-images-idx3-ubyte", idx_file({6}, "\0\1\2\0\1\2 and more"s));
    CHECK_THAT(error_of(folder), Contains("train-images-idx3-ubyte") &&
                                     Contains("starts with 00 00 08 01; valid: 00 00 08 03"));
  }
  SECTION("cut off") {
    std::string bytes = test::text_of(folder / "train-images-idx3-ubyte");
    bytes.pop_back();
    folder.add("train-images-idx3-ubyte", bytes);
    CHECK_THAT(error_of(folder), Contains("train-images-idx3-ubyte is cut off"));
  }
  CHECK_THAT(error_of(folder), !Contains("\n"));
}

TEST_CASE("MNIST has 60,000 and 10,000 images of ten digits", "[io][idx]") {
  const auto folder = test::real_data("mnist");
  if (!folder) {
    WARN("skipped: no MNIST here");
    return;
  }
  const Split split = open_labelled(*folder);
  CHECK(split.train.entries.size() == 60'000);
  CHECK(split.val.entries.size() == 10'000);
  CHECK(split.train.classes.size() == 10);
  CHECK(split.train.records->extent() == Extent{28, 28});
  std::vector<int> first;
  for (std::size_t i = 0; i < 10; ++i) first.push_back(split.train.entries[i].label);
  CHECK(first == std::vector<int>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4});
  const auto pixels = split.train.records->record(0);
  CHECK(std::count_if(pixels.begin(), pixels.end(), [](std::byte b) { return b > std::byte{0}; }) ==
        166);
}
