// A folder with the four files of MNIST (and of its many imitations).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "io/dataset_parts.h"
#include "io/file_checksum.h"
#include "io/grey_records.h"
#include "io/idx.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRecords = 10'000'000;  // their names and labels take 56 bytes each
constexpr std::array<std::string_view, 2> kParts{"train", "t10k"};

enum class Content { images, labels };

// As they are published, and with the dot that some copies have.
std::string file_name(std::string_view part, Content content, char before_idx) {
  return content == Content::images ? fmt::format("{}-images{}idx3-ubyte", part, before_idx)
                                    : fmt::format("{}-labels{}idx1-ubyte", part, before_idx);
}

// Plain ones first: who unpacked a file need not wait for that again.
std::optional<fs::path> find_file(const fs::path& folder, std::string_view part, Content content) {
  for (const std::string_view ending : {"", ".gz"}) {
    for (const char before_idx : {'-', '.'}) {
      fs::path path = folder / (file_name(part, content, before_idx) += ending);
      std::error_code error;
      if (fs::is_regular_file(path, error)) return path;
    }
  }
  return std::nullopt;
}

fs::path require_file(const fs::path& folder, std::string_view part, Content content) {
  auto found = find_file(folder, part, content);
  require(found.has_value(),
          "{} has no {}; valid: the four files train-images-idx3-ubyte, train-labels-idx1-ubyte, "
          "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, gzipped (.gz) or not",
          one_line(folder.string()), file_name(part, content, '-'));
  return *std::move(found);
}

// One of the two parts in memory.
struct Part {
  std::string images_name;
  std::string labels_name;
  std::int64_t mtime_ns = 0;
  IdxArray images;
  IdxArray labels;
};

Part read_part(const fs::path& folder, std::string_view part) {
  const fs::path images = require_file(folder, part, Content::images);
  const fs::path labels = require_file(folder, part, Content::labels);
  Part read{one_line(images.string()), one_line(labels.string()), 0, {}, read_idx(labels, 1)};
  const std::uint32_t count = read.labels.sizes[0];
  require(count <= kMostRecords, "{} holds {} labels; valid: at most {}", read.labels_name, count,
          kMostRecords);
  read.images = read_idx(images, 3);
  require(read.images.sizes[0] == count, "{} holds {} images, {} holds {} labels; valid: as many",
          read.images_name, read.images.sizes[0], read.labels_name, count);
  Entry facts{.path = images.filename().string()};
  if (fill_file_facts(folder, facts)) read.mtime_ns = facts.mtime_ns;
  return read;
}

Extent extent_of(const Part& part) {
  return {static_cast<int>(part.images.sizes[2]), static_cast<int>(part.images.sizes[1])};
}

int largest_label(const Part& part) {
  const auto labels = part.labels.values();
  return std::to_integer<int>(*std::max_element(labels.begin(), labels.end()));
}

// Names that sort as records lie, and fit into a string without memory of its own.
std::string record_name(std::string_view part, std::size_t number) {
  return fmt::format("{}/{:08d}", part, number);
}

std::shared_ptr<const GreyRecords> records_of(Part part) {
  FileChecksum sum;
  sum.add(part.images.values());
  const std::size_t offset = part.images.header_bytes();
  return std::make_shared<const GreyRecords>(std::move(part.images.file), offset, extent_of(part),
                                             sum.text());
}

Dataset make_part(const fs::path& folder, std::string_view name, Part part, int classes) {
  std::vector<std::string> names;
  for (int i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  std::vector<Entry> entries;
  const auto labels = part.labels.values();
  entries.reserve(labels.size());
  const auto bytes = static_cast<std::uint64_t>(extent_of(part).pixels());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    entries.push_back({.path = record_name(name, i),
                       .label = std::to_integer<int>(labels[i]),
                       .bytes = bytes,
                       .mtime_ns = part.mtime_ns});
  }
  Dataset set = make_dataset(folder, std::move(names), std::move(entries));
  set.records = records_of(std::move(part));
  return set;
}

}  // namespace

bool has_idx_files(const fs::path& folder) {
  return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) {
    return find_file(folder, part, Content::images) || find_file(folder, part, Content::labels);
  });
}

Split read_idx_folder(const fs::path& folder) {
  Part train = read_part(folder, kParts[0]);
  Part val = read_part(folder, kParts[1]);
  const Extent size = extent_of(train), other = extent_of(val);
  require(size == other, "{} holds images of {} x {}, {} of {} x {}; valid: one size",
          train.images_name, size.width, size.height, val.images_name, other.width, other.height);
  const int largest = largest_label(train);
  require(largest_label(val) <= largest, "{} holds the label {}; valid: 0 to {}, as in {}",
          val.labels_name, largest_label(val), largest, train.labels_name);
  return {make_part(folder, kParts[0], std::move(train), largest + 1),
          make_part(folder, kParts[1], std::move(val), largest + 1)};
}

}  // namespace sluice::io
