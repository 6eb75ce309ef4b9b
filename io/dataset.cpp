#include "io/dataset.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "io/dataset_parts.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::string_view kForms =
    "DIR/train/CLASS/*.jpg with or without DIR/val, DIR/CLASS/*.jpg, DIR/train.txt with "
    "DIR/val.txt, DIR with the four idx files of MNIST, or a list file of 'path label' lines";

struct StateDeleter {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

void add_number(XXH3_state_t* state, std::uint64_t number) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(number >> (8 * i));
  }
  XXH3_64bits_update(state, bytes.data(), bytes.size());
}

void add_text(XXH3_state_t* state, const std::string& text) {
  add_number(state, text.size());
  XXH3_64bits_update(state, text.data(), text.size());
}

std::uint64_t hash_of(const Dataset& set) {
  const std::unique_ptr<XXH3_state_t, StateDeleter> owner(XXH3_createState());
  XXH3_state_t* const state = owner.get();
  XXH3_64bits_reset(state);
  add_number(state, set.classes.size());
  for (const std::string& name : set.classes) add_text(state, name);
  for (const Entry& entry : set.entries) {
    add_text(state, entry.path);
    add_number(state, static_cast<std::uint64_t>(entry.label));
    add_number(state, entry.bytes);
    add_number(state, static_cast<std::uint64_t>(entry.mtime_ns));
  }
  return XXH3_64bits_digest(state);
}

std::vector<std::string> only_in(const NamedClasses& a, const NamedClasses& b) {
  const std::unordered_set<std::string> other(b.names.begin(), b.names.end());
  std::vector<std::string> names;
  for (const std::string& name : a.names) {
    if (!other.contains(name)) names.push_back(name);
  }
  return names;
}

std::string text_of(const NamedClasses& classes, const std::vector<std::string>& only) {
  return fmt::format("{} has {} classes, of them only there: {}", classes.owner,
                     classes.names.size(), only.empty() ? "none" : listed(only));
}

// A name that cannot be looked at (a link in a circle, too long) is no file and no folder.
bool is_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

void require_there(const std::filesystem::path& data, std::string_view valid) {
  std::error_code error;
  const bool exists = std::filesystem::exists(std::filesystem::status(data, error));
  require(exists, "{} {}; valid: {}", one_line(data.string()),
          error && error != std::errc::no_such_file_or_directory
              ? "cannot be opened: " + error.message()
              : std::string("does not exist"),
          valid);
}

Split open_folder(const std::filesystem::path& data, const SplitOptions& options) {
  if (is_file(data / "train.txt") && is_file(data / "val.txt")) {
    Split split{read_list_file(data / "train.txt"), read_list_file(data / "val.txt")};
    adopt_classes(split.train, one_line((data / "val.txt").string()), split.val);
    return split;
  }
  if (has_idx_files(data)) return read_idx_folder(data);
  const bool has_train = is_folder(data / "train");
  const bool has_val = is_folder(data / "val");
  require(has_train || !has_val, "{} has val/ but no train/; valid: {}", one_line(data.string()),
          kForms);
  if (!has_val) {
    return split_by_hash(read_class_folders(has_train ? data / "train" : data),
                         options.val_fraction);
  }
  Split split{read_class_folders(data / "train"), read_class_folders(data / "val")};
  adopt_classes(split.train, one_line((data / "val").string()), split.val);
  return split;
}

void require_training(const Split& split, const std::filesystem::path& data) {
  std::unordered_set<int> labels;
  for (const Entry& entry : split.train.entries) labels.insert(entry.label);
  for (const Entry& entry : split.val.entries) labels.insert(entry.label);
  require(labels.size() != 1, "{} has one class only ({}); a net needs at least two to tell apart",
          one_line(data.string()),
          one_line(split.train.classes[static_cast<std::size_t>(*labels.begin())]));
  require(!split.train.entries.empty(),
          "{}: the validation fraction leaves no image to train on; give a smaller --val-fraction",
          one_line(data.string()));
}

}  // namespace

bool falls_into_validation(std::string_view path, double fraction) {
  const XXH64_hash_t hash = XXH3_64bits(path.data(), path.size());
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < fraction;
}

Dataset make_dataset(std::filesystem::path root, std::vector<std::string> classes,
                     std::vector<Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.path < b.path; });
  Dataset set{std::move(root), std::move(classes), std::move(entries)};
  set.hash = hash_of(set);
  return set;
}

Split split_by_hash(Dataset all, double fraction) {
  std::vector<Entry> train, val;
  for (Entry& entry : all.entries) {
    (falls_into_validation(entry.path, fraction) ? val : train).push_back(std::move(entry));
  }
  return {make_dataset(all.root, all.classes, std::move(train)),
          make_dataset(all.root, all.classes, std::move(val))};
}

void adopt_classes(const Dataset& train, std::string_view val_name, Dataset& val) {
  const std::vector<int> map = match_classes({.owner = val_name, .names = val.classes},
                                             {.owner = "the training set", .names = train.classes});
  for (Entry& entry : val.entries) entry.label = map[static_cast<std::size_t>(entry.label)];
  val = make_dataset(val.root, train.classes, std::move(val.entries));
}

std::vector<int> match_classes(const NamedClasses& have, const NamedClasses& want) {
  std::unordered_map<std::string_view, int> places;
  for (std::size_t i = 0; i < want.names.size(); ++i) {
    places.emplace(want.names[i], static_cast<int>(i));
  }
  const std::vector<std::string> unknown = only_in(have, want);
  require(unknown.empty(), "classes do not match: {}; {}", text_of(have, unknown),
          text_of(want, only_in(want, have)));
  std::vector<int> map;
  for (const std::string& name : have.names) map.push_back(places.at(name));
  return map;
}

Split open_labelled(const std::filesystem::path& data, const SplitOptions& options) {
  require(options.val_fraction >= 0.0 && options.val_fraction < 1.0,
          "the validation fraction is {}, valid: at least 0 and below 1", options.val_fraction);
  require_there(data, kForms);
  const bool folder = is_folder(data);
  require(folder || is_file(data), "{} is neither a folder nor a list file; valid: {}",
          one_line(data.string()), kForms);
  Split split = folder ? open_folder(data, options)
                       : split_by_hash(read_list_file(data), options.val_fraction);
  require_training(split, data);
  return split;
}

Dataset open_unlabelled(const std::filesystem::path& data) {
  require_there(data, "a folder of images, one image, or a list");
  if (is_folder(data) && has_idx_files(data)) {
    Dataset digits = read_idx_folder(data).train;
    for (Entry& entry : digits.entries) entry.label = 0;
    Dataset set = make_dataset(data, {"0"}, std::move(digits.entries));
    set.records = std::move(digits.records);
    return set;
  }
  if (is_folder(data)) {
    std::vector<Entry> entries = list_files(data, "", FileChoice::data);
    require(!entries.empty(), "{} holds no file to read; valid: any tree of images",
            one_line(data.string()));
    return make_dataset(data, {"0"}, std::move(entries));
  }
  require(is_file(data), "{} is neither a folder nor a file", one_line(data.string()));
  if (data.extension() == ".txt") {
    Dataset list = read_list_file(data);
    for (Entry& entry : list.entries) entry.label = 0;
    return make_dataset(list.root, {"0"}, std::move(list.entries));
  }
  Entry entry{.path = data.filename().string()};
  const std::filesystem::path root =
      data.has_parent_path() ? data.parent_path() : std::filesystem::path(".");
  fill_file_facts(root, entry);
  return make_dataset(root, {"0"}, {entry});
}

}  // namespace sluice::io
