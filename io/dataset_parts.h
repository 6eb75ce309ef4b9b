// Private to the data sets: the pieces that class folders and list files share.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.h"

namespace sluice::io {

// Which files of a tree count.
enum class FileChoice : std::uint8_t {
  jpegs,  // .jpg and .jpeg, in any case
  data,   // all but notes and tables: .txt .tsv .csv .md .json
};

// Regular files below root/below, links followed, hidden ones and folders in a circle left out;
// paths relative to root, label 0, unsorted. A link to nothing counts as an empty file, so that its
// record says what is wrong with it.
std::vector<Entry> list_files(const std::filesystem::path& root, const std::string& below,
                              FileChoice choice);

// Size and time of a file; false: there is none (or it is no file).
bool fill_file_facts(const std::filesystem::path& root, Entry& entry);

// False also for a name that cannot be looked at, as a link in a circle.
bool is_folder(const std::filesystem::path& path);

// Sorts the entries and hashes the whole.
Dataset make_dataset(std::filesystem::path root, std::vector<std::string> classes,
                     std::vector<Entry> entries);

// Splits by `falls_into_validation`.
Split split_by_hash(Dataset all, double fraction);

// Gives `val` the labels of `train`, by class name.
void adopt_classes(const Dataset& train, std::string_view val_name, Dataset& val);

Dataset read_class_folders(const std::filesystem::path& root);  // image_folder.cpp
Dataset read_list_file(const std::filesystem::path& list);      // list_file.cpp

// idx_folder.cpp. Any of the four files of MNIST is there; then all must be, and fit each other.
bool has_idx_files(const std::filesystem::path& folder);
Split read_idx_folder(const std::filesystem::path& folder);

}  // namespace sluice::io
