// What a data set is: which files, which labels, in which order. Reads names and sizes, no pixels
// but those of MNIST's idx files, which are read whole.
//
// Every failure is Error{usage}, one line that names the folder or list and what would be valid.
// Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::io {

class GreyRecords;

struct Entry {
  std::string path;  // relative to the data set's root, with '/'; any bytes but NUL
  int label = 0;     // index into Dataset::classes
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;  // since 1970

  friend bool operator==(const Entry&, const Entry&) = default;
};

// A value. Sample k is entries[k].
struct Dataset {
  std::filesystem::path root;
  std::vector<std::string> classes;  // by the bytes of their names, or "0", "1", ... (lists)
  std::vector<Entry> entries;        // by the bytes of their paths
  std::uint64_t hash = 0;            // of classes, paths, labels, sizes and times; not of the root
  // The images themselves, entry k being record k (idx files); none: each entry is a file.
  std::shared_ptr<const GreyRecords> records{};
};

struct Split {
  Dataset train;
  Dataset val;  // the same classes; may be empty where a small set is split by fraction
};

struct SplitOptions {
  double val_fraction = 0.1;  // [0, 1); used only where the data has no validation part of its own
};

// Opens what `--data` names (README.md: the forms, which files count, how a split is made).
Split open_labelled(const std::filesystem::path& data, const SplitOptions& options = {});

// Any tree of files, one file, or a list (*.txt; its labels are not used): label 0, class "0". Of a
// folder of idx files the training images.
Dataset open_unlabelled(const std::filesystem::path& data);

// Classes and whose they are, for messages.
struct NamedClasses {
  std::string_view owner;  // "the folder ./val", "the weights alexnet.safetensors"
  std::span<const std::string> names;
};

// For each class of `have` its place in `want`, by name. `want` may have more; a class that it
// lacks is an error that lists what only one side has.
std::vector<int> match_classes(const NamedClasses& have, const NamedClasses& want);

// Where a file goes when a set is split: XXH3 of its path inside the class tree, as a number in
// [0, 1), below the fraction. So adding files moves none.
bool falls_into_validation(std::string_view path, double fraction);

}  // namespace sluice::io
