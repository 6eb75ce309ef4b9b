// Folders of class folders, and the walk through a tree of files.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>

#include "io/dataset_parts.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kJpegs{".jpg", ".jpeg"};
constexpr std::array<std::string_view, 5> kNotes{".txt", ".tsv", ".csv", ".md", ".json"};

bool hidden(std::string_view name) { return name.starts_with('.'); }

bool chosen(const std::string& name, FileChoice choice) {
  const std::size_t dot = name.rfind('.');
  std::string extension = dot == std::string::npos ? "" : name.substr(dot);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto is = [&](std::string_view known) { return extension == known; };
  if (choice == FileChoice::jpegs) return std::any_of(kJpegs.begin(), kJpegs.end(), is);
  return std::none_of(kNotes.begin(), kNotes.end(), is);
}

// Names in a folder that are not hidden.
std::vector<std::string> names_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    std::string name = i->path().filename().string();
    if (!hidden(name)) names.push_back(std::move(name));
  }
  require(!error, "cannot read the folder {}: {}", one_line(folder.string()), error.message());
  std::sort(names.begin(), names.end());
  return names;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void take_facts(const struct stat& status, Entry& entry) {
  entry.bytes = static_cast<std::uint64_t>(status.st_size);
  entry.mtime_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

// A walk with the folders it stands in, so that a link back up ends it.
struct Walk {
  const fs::path& root;
  FileChoice choice;
  std::vector<struct stat> inside;
  std::vector<Entry> entries;

  void folder(const std::string& below, const struct stat& status) {
    if (std::any_of(inside.begin(), inside.end(), [&](const auto& s) { return same(s, status); })) {
      return;
    }
    inside.push_back(status);
    for (const std::string& name : names_in(root / below)) {
      visit(below.empty() ? name : below + '/' + name, name);
    }
    inside.pop_back();
  }

  void visit(const std::string& path, const std::string& name) {
    struct stat status {};
    const bool exists = ::stat((root / path).c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
      folder(path, status);
    } else if ((!exists || S_ISREG(status.st_mode)) && chosen(name, choice)) {
      entries.push_back({.path = path});
      if (exists) take_facts(status, entries.back());
    }
  }
};

}  // namespace

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool fill_file_facts(const fs::path& root, Entry& entry) {
  struct stat status {};
  if (::stat((root / entry.path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  take_facts(status, entry);
  return true;
}

std::vector<Entry> list_files(const fs::path& root, const std::string& below, FileChoice choice) {
  struct stat status {};
  if (::stat((root / below).c_str(), &status) != 0) return {};
  Walk walk{root, choice, {}, {}};
  if (!below.empty()) {  // a link from inside a class back to the root is a circle too
    struct stat top {};
    if (::stat(root.c_str(), &top) == 0) walk.inside.push_back(top);
  }
  walk.folder(below, status);
  return std::move(walk.entries);
}

Dataset read_class_folders(const fs::path& root) {
  std::vector<std::string> classes;
  std::vector<Entry> entries;
  for (const std::string& name : names_in(root)) {
    if (!is_folder(root / name)) continue;
    std::vector<Entry> files = list_files(root, name, FileChoice::jpegs);
    require(!files.empty(),
            "the class folder {} holds no .jpg or .jpeg file; add images or remove the folder",
            one_line((root / name).string()));
    for (Entry& file : files) {
      file.label = static_cast<int>(classes.size());
      entries.push_back(std::move(file));
    }
    classes.push_back(name);
  }
  require(!classes.empty(),
          "{} holds no class folders with .jpg or .jpeg files; valid: {}/CLASS/*.jpg",
          one_line(root.string()), one_line(root.string()));
  return make_dataset(root, std::move(classes), std::move(entries));
}

}  // namespace sluice::io
