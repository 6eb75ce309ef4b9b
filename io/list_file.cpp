// List files: a `path label` line an image (Caffe's form).
#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>

#include "io/dataset_parts.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr int kMostClasses = 100'000;
constexpr std::size_t kMostLineBytes = 65'536;  // a path has at most 4096

struct Line {
  std::size_t number;  // from 1
  std::string path;
  std::string label;
};

// The label is the last field; the path may hold spaces.
Line parse_line(const std::filesystem::path& list, std::size_t number, std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  require(text.find('\0') == std::string_view::npos,
          "{} line {} holds a NUL byte, which no path can; valid: 'path label'",
          one_line(list.string()), number);
  const std::size_t end = text.find_last_not_of(kBlank);
  const std::size_t gap = text.find_last_of(kBlank, end);
  const std::size_t path_end =
      gap == std::string_view::npos ? gap : text.find_last_not_of(kBlank, gap);
  require(path_end != std::string_view::npos, "{} line {} is '{}'; valid: 'path label'",
          one_line(list.string()), number, one_line(text.substr(0, 80)));
  return {number, std::string(text.substr(0, path_end + 1)),
          std::string(text.substr(gap + 1, end - gap))};
}

std::vector<Line> parse(const std::filesystem::path& list) {
  std::ifstream file(list, std::ios::binary);
  require(file.good(), "cannot read the list {}", one_line(list.string()));
  std::vector<Line> lines;
  std::vector<char> buffer(kMostLineBytes);
  std::size_t number = 1;
  for (; file.getline(buffer.data(), kMostLineBytes); ++number) {
    const auto got = static_cast<std::size_t>(file.gcount());
    std::string_view text(buffer.data(), file.eof() ? got : got - 1);  // the newline is counted
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == std::string_view::npos) continue;
    lines.push_back(parse_line(list, number, text));
  }
  require(!file.bad(), "cannot read the list {} behind line {}", one_line(list.string()),
          number - 1);
  require(file.eof(), "{} line {} has more than {} bytes; valid: 'path label'",
          one_line(list.string()), number, kMostLineBytes - 2);
  require(!lines.empty(), "the list {} names no file; valid: lines of 'path label'",
          one_line(list.string()));
  return lines;
}

std::optional<long long> integer(const std::string& text) {
  long long value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc::result_out_of_range ? -1 : value;
}

// Every label is a whole number: labels are class numbers.
std::vector<std::string> number_classes(const std::filesystem::path& list,
                                        const std::vector<Line>& lines) {
  long long most = 0;
  for (const Line& line : lines) {
    const long long label = *integer(line.label);
    require(label >= 0 && label < kMostClasses,
            "{} line {}: the label {} is out of range; valid: 0 to {}", one_line(list.string()),
            line.number, one_line(line.label), kMostClasses - 1);
    most = std::max(most, label);
  }
  std::vector<std::string> names;
  for (long long label = 0; label <= most; ++label) names.push_back(std::to_string(label));
  return names;
}

std::vector<std::string> name_classes(const std::vector<Line>& lines) {
  std::set<std::string> names;
  for (const Line& line : lines) names.insert(line.label);
  return {names.begin(), names.end()};
}

std::vector<Entry> entries_of(const std::filesystem::path& list, const std::vector<Line>& lines,
                              const std::filesystem::path& root) {
  std::vector<Entry> entries;
  const Line* first_missing = nullptr;
  std::size_t missing = 0;
  for (const Line& line : lines) {
    entries.push_back({.path = line.path});
    if (fill_file_facts(root, entries.back())) continue;
    if (missing++ == 0) first_missing = &line;
  }
  require(missing == 0,
          "{} names {} missing file(s), the first is {} (line {}); paths are relative to {}",
          one_line(list.string()), missing, first_missing ? one_line(first_missing->path) : "",
          first_missing ? first_missing->number : 0, one_line(root.string()));
  return entries;
}

}  // namespace

Dataset read_list_file(const std::filesystem::path& list) {
  const std::filesystem::path root =
      list.has_parent_path() ? list.parent_path() : std::filesystem::path(".");
  const std::vector<Line> lines = parse(list);
  const bool numbers = std::all_of(
      lines.begin(), lines.end(), [](const Line& line) { return integer(line.label).has_value(); });
  std::vector<std::string> classes = numbers ? number_classes(list, lines) : name_classes(lines);
  std::vector<Entry> entries = entries_of(list, lines, root);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    entries[i].label =
        numbers
            ? static_cast<int>(*integer(lines[i].label))
            : static_cast<int>(std::lower_bound(classes.begin(), classes.end(), lines[i].label) -
                               classes.begin());
  }
  return make_dataset(root, std::move(classes), std::move(entries));
}

}  // namespace sluice::io
