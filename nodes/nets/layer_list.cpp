#include "nodes/nets/layer_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace sluice::nodes {

void LayerList::add(std::string name, LayerSpec spec) {
  ++place_;
  layers_.push_back({.name = std::move(name), .spec = std::move(spec)});
}

void LayerList::add(std::string name, LayerSpec spec, const Upbringing& upbringing) {
  layers_.push_back({.name = std::move(name),
                     .spec = std::move(spec),
                     .start = upbringing.start,
                     .file_name = fmt::format("{}.{}", prefix_, place_),
                     .learning = upbringing.learning});
  ++place_;
}

void LayerList::begin(std::string prefix) {
  prefix_ = std::move(prefix);
  place_ = 0;
}

int part_of(int published, double width, int towers) {
  const int share = static_cast<int>(published * width / towers + 0.5);
  return std::max(share, 1) * towers;
}

void check_classes(int classes) {
  require(classes >= 2, "a net for {} class learns nothing; valid: 2 or more", classes);
}

}  // namespace sluice::nodes
