#include "tests/nodes/whole_catalogue.h"

#include <string>

#include "nodes/augment_chain.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {
namespace {

std::vector<io::ChainEntry> entries_of_all() {
  std::vector<io::ChainEntry> entries;
  for (const CatalogueNode& node : catalogue()) {
    const std::string name(node.info.name);
    for (const char* use : {"", "-sometimes"}) {
      entries.push_back({.node = name, .name = name + use});
      auto& parameters = entries.back().parameters;
      if (name == "scale") parameters.emplace_back("divisor", 58.0);
      if (use[0] != '\0') parameters.emplace_back("probability", 0.5);
      if (!node.takes_members) continue;
      for (const char* member : {"-a", "-b"})
        entries.push_back({.node = "flip", .name = name + use + member});
      for (std::size_t i = entries.size() - 2; i < entries.size(); ++i)
        entries[i].parameters = {{"in", name + use}};
    }
  }
  return entries;
}

}  // namespace

graph::Chain whole_catalogue() {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 900.0;
  statistics.mean_extent = {256, 256};
  statistics.mean_image.assign(256 * 256 * 3, 99.5F);
  return make_chain(entries_of_all(), statistics);
}

}  // namespace sluice::nodes
