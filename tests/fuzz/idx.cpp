// Idx files on any bytes, plain and gzipped. An input is a file of images; where it holds
// "\x1C\x1C", what follows is the file of labels of a whole folder. Checked:
//  * sizes and values agree, and lie within the limit that was given;
//  * a plain file that is accepted is the same array when it is gzipped, and the other way round;
//  * a folder's entries, labels and records are as many, and opening twice gives the same set.
#include "io/idx.h"

#include <algorithm>

#include "io/dataset.h"
#include "io/grey_records.h"
#include "tests/fuzz/property.h"
#include "tests/io/idx_fixture.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;

namespace {

constexpr std::string_view kNextFile = "\x1C\x1C";
constexpr IdxLimits kLimits{.most_bytes = 1 << 20};

std::vector<std::byte> as_bytes(std::string_view text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

bool is_gzip(std::string_view file) { return file.starts_with("\x1F\x8B"); }

void check_array(const IdxArray& array, std::size_t dimensions) {
  must(array.sizes.size() == dimensions, "an array has the sizes that were asked for");
  std::size_t values = 1;
  for (const std::uint32_t size : array.sizes) values *= size;
  must(values > 0 && array.values().size() == values, "values are as many as the sizes say");
  must(array.file.size() <= kLimits.most_bytes, "an array lies within the limit");
}

void check_file(std::string_view file, std::size_t dimensions) {
  IdxArray array;
  if (!accepted([&] { array = parse_idx("input", as_bytes(file), dimensions, kLimits); })) return;
  check_array(array, dimensions);
  const std::string plain(reinterpret_cast<const char*>(array.file.data()), array.file.size());
  const std::string other = is_gzip(file) ? plain : test::gzipped(plain);
  must(accepted([&] {
         const IdxArray twin = parse_idx("twin", as_bytes(other), dimensions, kLimits);
         must(twin.sizes == array.sizes && twin.file == array.file, "a twin is the same array");
       }),
       "what is accepted in one form is accepted in the other");
}

void check_part(const Dataset& set) {
  must(set.records != nullptr && set.records->count() == set.entries.size(),
       "a record is an entry");
  for (const Entry& entry : set.entries) {
    must(entry.label >= 0 && entry.label < static_cast<int>(set.classes.size()),
         "a label is the number of a class");
    must(entry.bytes == set.records->record_bytes(), "an entry has its record's size");
  }
  must(std::is_sorted(set.entries.begin(), set.entries.end(),
                      [](const Entry& a, const Entry& b) { return a.path < b.path; }),
       "records are in the order of their names");
}

// Both parts of the folder are the same two files.
void check_folder(std::string_view images, std::string_view labels) {
  static const test::TempFolder folder;
  for (const std::string part : {"train", "t10k"}) {
    folder.add(part + "-images-idx3-ubyte", images);
    folder.add(part + "-labels-idx1-ubyte", labels);
  }
  Split split;
  if (!accepted([&] { split = open_labelled(folder.path()); })) return;
  check_part(split.train);
  check_part(split.val);
  must(open_labelled(folder.path()).train.hash == split.train.hash,
       "the same files have the same hash");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of({data, size});
  const std::size_t cut = input.find(kNextFile);
  const std::string_view images = input.substr(0, cut);
  check_file(images, 3);
  check_file(images, 1);
  if (cut != std::string_view::npos) check_folder(images, input.substr(cut + kNextFile.size()));
  return 0;
}
