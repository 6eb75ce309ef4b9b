#include <algorithm>
#include <utility>

#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

std::string_view prefix_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash + 1);
}

}  // namespace

std::string_view name_in_pipeline(std::string_view name) {
  return name.substr(prefix_of(name).size());
}

std::vector<NodeGroup> node_groups(const AccountRecord& account) {
  std::vector<NodeGroup> groups;
  for (const NodeRecord& node : account.nodes) {
    const std::string_view prefix = prefix_of(node.name);
    const auto same = [&](const NodeGroup& group) { return group.prefix == prefix; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) {
      groups.push_back({.prefix = std::string(prefix), .nodes = {}});
      group = groups.end() - 1;
    }
    group->nodes.push_back(node);
  }
  return groups;
}

int colour_of(const AccountRecord& account, std::string_view name) {
  std::vector<std::pair<std::string_view, double>> seen;
  for (const NodeRecord& node : account.nodes) {
    const std::string_view own = name_in_pipeline(node.name);
    const auto same = [&](const auto& one) { return one.first == own; };
    const auto before = std::find_if(seen.begin(), seen.end(), same);
    if (before == seen.end()) {
      seen.emplace_back(own, node.cpu_seconds);
    } else {
      before->second += node.cpu_seconds;
    }
  }
  std::stable_sort(seen.begin(), seen.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const auto found = std::find_if(seen.begin(), seen.end(), [&](const auto& one) {
    return one.first == name_in_pipeline(name);
  });
  return std::min(static_cast<int>(found - seen.begin()), kLightNodes);
}

}  // namespace sluice::io::report
