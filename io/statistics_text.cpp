#include "io/statistics_text.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::size_t kMostItems = 100'000;  // classes
const std::string kMeanImage = "statistics.mean_image";

std::string numbers_text(std::span<const double> numbers) {
  std::string text;
  for (const double number : numbers)
    text += fmt::format("{}{:.17g}", text.empty() ? "" : ",", number);
  return '[' + text + ']';
}

// Flat and of bounded length: a tree takes many times the size of its text.
nlohmann::json list_from(const SafetensorsFile& file, const std::string& key) {
  using Event = nlohmann::json::parse_event_t;
  std::size_t items = 0;
  const auto check = [&](int depth, Event event, const nlohmann::json&) {
    const bool nested = event == Event::object_start || (event == Event::array_start && depth > 0);
    if (event == Event::value) ++items;
    require(!nested && items <= kMostItems,
            "{}: metadata {} is not a flat JSON list of at most {} items", file.name(), key,
            kMostItems);
    return true;
  };
  nlohmann::json list = nlohmann::json::parse(metadata_value(file, key), check, false);
  require(list.is_array(), "{}: metadata {} is not a JSON list", file.name(), key);
  return list;
}

std::vector<double> numbers_from(const SafetensorsFile& file, const std::string& key,
                                 std::size_t count) {
  std::vector<double> numbers;
  for (const auto& item : list_from(file, key)) {
    require(item.is_number(), "{}: metadata {} holds something that is no number", file.name(),
            key);
    numbers.push_back(item.get<double>());
  }
  require(numbers.size() == count, "{}: metadata {} has {} numbers, valid: {}", file.name(), key,
          numbers.size(), count);
  return numbers;
}

std::int64_t whole(const SafetensorsFile& file, const std::string& key, double number) {
  require(number >= 0 && number <= 9e15 &&
              number == static_cast<double>(static_cast<std::int64_t>(number)),
          "{}: metadata {} holds {}, valid: whole numbers", file.name(), key, number);
  return static_cast<std::int64_t>(number);
}

Extent extent_from(const SafetensorsFile& file, const std::string& key) {
  const std::vector<double> sides = numbers_from(file, key, 2);
  for (const double side : sides) {
    require(whole(file, key, side) <= std::numeric_limits<int>::max(), "{}: metadata {} holds {}",
            file.name(), key, side);
  }
  return {static_cast<int>(sides[0]), static_cast<int>(sides[1])};
}

void read_mean_image(const SafetensorsFile& file, Statistics& statistics) {
  const TensorEntry* const entry = file.find(kMeanImage);
  if (entry == nullptr) return;
  const Shape expected{statistics.mean_extent.height, statistics.mean_extent.width, 3};
  require(entry->shape == expected, "{}: {} has shape {}, its metadata say {}", file.name(),
          kMeanImage, entry->shape.text(), expected.text());
  statistics.mean_image.resize(static_cast<std::size_t>(expected.elements()));
  file.read(*entry, statistics.mean_image);
}

}  // namespace

const std::string& metadata_value(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  require(found != file.metadata().end(), "{} has no metadata {}; valid: a file that `train` wrote",
          file.name(), key);
  return found->second;
}

std::string names_text(const std::vector<std::string>& names) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : names) list.push_back(percent_encoded(name));
  return list.dump();
}

std::vector<std::string> names_from(const SafetensorsFile& file, const std::string& key) {
  std::vector<std::string> names;
  for (const auto& item : list_from(file, key)) {
    require(item.is_string(), "{}: metadata {} holds something that is no name", file.name(), key);
    names.push_back(percent_decoded(item.get_ref<const std::string&>()));
  }
  return names;
}

void add_statistics(const Statistics& statistics, Metadata& metadata,
                    std::vector<NamedTensor>& tensors) {
  const Extent extent = statistics.mean_extent;
  const std::array<double, 1> images{static_cast<double>(statistics.images)};
  const std::array<double, 2> sides{static_cast<double>(extent.width),
                                    static_cast<double>(extent.height)};
  std::vector<double> covariance;
  for (const auto& row : statistics.covariance)
    covariance.insert(covariance.end(), row.begin(), row.end());
  metadata["sluice.statistics.images"] = numbers_text(images);
  metadata["sluice.statistics.mean_rgb"] = numbers_text(statistics.mean_rgb);
  metadata["sluice.statistics.covariance"] = numbers_text(covariance);
  metadata["sluice.statistics.mean_extent"] = numbers_text(sides);
  if (statistics.mean_image.empty()) return;
  tensors.push_back({kMeanImage, {Shape{extent.height, extent.width, 3}, statistics.mean_image}});
}

Statistics statistics_from(const SafetensorsFile& file) {
  Statistics statistics;
  const std::string images = "sluice.statistics.images";
  statistics.images = whole(file, images, numbers_from(file, images, 1)[0]);
  const auto mean = numbers_from(file, "sluice.statistics.mean_rgb", 3);
  const auto covariance = numbers_from(file, "sluice.statistics.covariance", 9);
  for (std::size_t i = 0; i < 3; ++i) {
    statistics.mean_rgb[i] = mean[i];
    for (std::size_t j = 0; j < 3; ++j) statistics.covariance[i][j] = covariance[3 * i + j];
  }
  statistics.mean_extent = extent_from(file, "sluice.statistics.mean_extent");
  read_mean_image(file, statistics);
  return statistics;
}

}  // namespace sluice::io
