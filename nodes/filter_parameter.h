// The `filter` of the nodes that resize.
#pragma once

#include <string>
#include <vector>

#include "augment/resample.h"
#include "nodes/chain_parameters.h"

namespace sluice::nodes {

inline const std::vector<std::string> kFilterWords = {"antialias", "bilinear", "bicubic", "lanczos",
                                                      "area"};

inline augment::Filter filter_from(const ChainParameters& given) {
  const std::string word = given.word("filter", kFilterWords);
  if (word == "bilinear") return augment::Filter::bilinear;
  if (word == "bicubic") return augment::Filter::bicubic;
  if (word == "lanczos") return augment::Filter::lanczos;
  if (word == "area") return augment::Filter::area;
  return augment::Filter::antialias;
}

}  // namespace sluice::nodes
