// Pictures of images that nets were wrong about.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "io/dataset.h"
#include "io/predictions.h"
#include "io/recipe.h"
#include "io/report/page.h"

namespace sluice::nodes {

// The worst of `predictions` (io::worst_of), decoded as `recipe` says, one after the other in the
// calling thread; images that cannot be read any more are left out.
std::vector<io::Mistake> mistakes_of(std::span<const io::Prediction> predictions,
                                     std::span<const std::string> classes, const io::Dataset& data,
                                     const io::Recipe& recipe, std::size_t at_most);

}  // namespace sluice::nodes
