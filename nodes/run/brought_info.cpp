#include "nodes/run/brought_info.h"

#include <string>

#include "io/statistics_text.h"

namespace sluice::nodes {

std::optional<io::WeightsInfo> brought_info(const std::filesystem::path& safetensors) {
  const io::SafetensorsFile file(safetensors);
  const bool run = file.metadata().contains("sluice.input_chain");
  if (!run && !file.metadata().contains("input_chain")) return std::nullopt;
  const std::string prefix = run ? "sluice." : "";  // `export` writes for everybody
  const bool recipe = file.metadata().contains(prefix + "recipe");
  return io::WeightsInfo{.net = io::metadata_value(file, prefix + "net"),
                         .variant = io::metadata_value(file, prefix + "variant"),
                         .classes = io::names_from(file, prefix + "classes"),
                         .input_chain = io::metadata_value(file, prefix + "input_chain"),
                         .statistics = io::statistics_from(file),
                         .recipe = recipe ? io::metadata_value(file, prefix + "recipe") : ""};
}

}  // namespace sluice::nodes
