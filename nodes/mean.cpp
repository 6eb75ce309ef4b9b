#include "nodes/mean.h"

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::string source(const ChainParameters& given) {
  return given.word("from", {"image", "rgb", "authors", "vgg", "constant", "none"});
}

}  // namespace

bool Mean::idle(const ChainParameters& given) { return source(given) == "none"; }

StatisticsNeed Mean::needs(const ChainParameters& given) {
  const std::string from = source(given);
  return {.mean_rgb = from == "rgb", .mean_image = from == "image"};
}

std::unique_ptr<graph::AugmentStage> mean_from(const ChainParameters& given,
                                               const Statistics& statistics) {
  const std::string from = source(given);
  if (from == "image") {
    require(!statistics.mean_image.empty(),
            "augment.{}.from = \"image\" needs images of one size before it; put a centre-crop "
            "before it or take rgb",
            given.name());
    MeanImage node;
    static_cast<augment::MeanImage&>(node) = augment::mean_image_of(statistics);
    return checked_stage(std::move(node), given);
  }
  MeanRgb node;
  if (from == "rgb") node.mean = statistics.mean_rgb;
  if (from == "authors") node.mean = augment::alexnet_authors_mean();
  if (from == "vgg") node.mean = augment::vgg_authors_mean();
  if (from == "constant") node.mean.fill(given.real("value"));
  return checked_stage(node, given);
}

}  // namespace sluice::nodes
