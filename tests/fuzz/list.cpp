// List files on any bytes, in a folder with a few files to name. An input is a list; where it holds
// a byte 0x1C, what follows is the folder's val.txt. Checked:
//  * labels are classes, entries are sorted, name files and hold no NUL;
//  * a split by fraction loses and doubles nothing; train.txt and val.txt share their classes;
//  * opening twice gives the same hash.
#include <algorithm>
#include <fstream>

#include "io/dataset.h"
#include "tests/fuzz/property.h"
#include "tests/io/temp_folder.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;

namespace {

constexpr char kNextFile = 0x1C;

// What lists may name, made once a process.
const test::TempFolder& folder() {
  static const test::TempFolder files;
  static const bool filled = [] {
    for (const char* const name : {"a.jpg", "b.jpg", "c/d e.jpg", "c/\xFF.jpg"}) {
      files.add(name, "x");
    }
    return true;
  }();
  (void)filled;
  return files;
}

void check(const Dataset& set) {
  const auto classes = static_cast<int>(set.classes.size());
  for (const Entry& entry : set.entries) {
    must(entry.label >= 0 && entry.label < classes, "a label is the number of a class");
    must(entry.path.find('\0') == std::string::npos, "a path is a path for the system too");
    must(std::filesystem::is_regular_file(set.root / entry.path), "an entry names a file",
         entry.path);
  }
  must(std::is_sorted(set.entries.begin(), set.entries.end(),
                      [](const Entry& a, const Entry& b) { return a.path < b.path; }),
       "entries are in the order of their paths");
}

void check_one_list(const std::filesystem::path& list) {
  Dataset all;
  const bool readable = accepted([&] { all = open_unlabelled(list); });
  if (readable) {
    check(all);
    must(open_unlabelled(list).hash == all.hash, "the same list has the same hash");
  }
  Split split;
  if (!accepted([&] { split = open_labelled(list, {.val_fraction = 0.5}); })) return;
  must(readable, "what can be read with labels can be read without");
  check(split.train);
  check(split.val);
  must(split.train.entries.size() + split.val.entries.size() == all.entries.size(),
       "a split keeps every entry");
  must(split.train.classes == split.val.classes, "both parts have the same classes");
}

void check_two_lists(const std::filesystem::path& data) {
  Split split;
  if (!accepted([&] { split = open_labelled(data); })) return;
  check(split.train);
  check(split.val);
  must(split.train.classes == split.val.classes, "both parts have the same classes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of({data, size});
  const std::size_t cut = input.find(kNextFile);
  const auto train = folder().add("train.txt", input.substr(0, cut));
  check_one_list(train);
  if (cut != std::string_view::npos) {
    folder().add("val.txt", input.substr(cut + 1));
    check_two_lists(folder().path());
  }
  return 0;
}
