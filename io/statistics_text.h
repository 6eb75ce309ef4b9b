// Private to the writers of weights: statistics as metadata (numbers that read back exactly) and
// one tensor, "statistics.mean_image".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.h"
#include "runtime/statistics.h"

namespace sluice::io {

inline constexpr std::string_view kStatisticsPrefix = "statistics.";

void add_statistics(const Statistics& statistics, Metadata& metadata,
                    std::vector<NamedTensor>& tensors);
Statistics statistics_from(const SafetensorsFile& file);

// The value of a key of ours; Error{usage} where the file has none.
const std::string& metadata_value(const SafetensorsFile& file, const std::string& key);

// Names as a JSON list, each percent-encoded.
std::string names_text(const std::vector<std::string>& names);
std::vector<std::string> names_from(const SafetensorsFile& file, const std::string& key);

}  // namespace sluice::io
