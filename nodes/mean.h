// Mean subtraction as nodes of the graph; both go by the recipe's name "mean".
#pragma once

#include "augment/mean_image.h"
#include "augment/mean_rgb.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

inline constexpr graph::ParameterSpec kMeanParameters[] = {
    {"from", graph::ParameterType::word, "", "\"image\"",
     "image, rgb, authors, vgg, constant or none",
     "image: the training images' mean at each position; rgb: their mean colour; authors, vgg: "
     "ImageNet's mean colour as those papers' authors used it; constant: `value`"},
    {"value", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
     "what from = \"constant\" subtracts from every channel; the others do not look at it"}};
inline constexpr graph::NodeInfo kMeanInfo{.name = "mean",
                                           .kind = graph::NodeKind::colour,
                                           .cost = graph::CostClass::pixels_out,
                                           .help = "subtracts the training images' mean",
                                           .parameters = kMeanParameters};

// Subtracts one colour.
struct MeanRgb : augment::MeanRgb {
  static constexpr graph::NodeInfo info = kMeanInfo;
};
static_assert(graph::AugmentNode<MeanRgb>);

// Subtracts the mean at each position; only images of the mean image's own size fit.
struct MeanImage : augment::MeanImage {
  static constexpr graph::NodeInfo info = kMeanInfo;
};
static_assert(graph::AugmentNode<MeanImage>);

// What the catalogue asks: which of the two it is follows from `from`.
struct Mean {
  static constexpr graph::NodeInfo info = kMeanInfo;
  static constexpr Tested kTested = Tested::kept;

  static bool idle(const ChainParameters& given);
  static StatisticsNeed needs(const ChainParameters& given);
};

std::unique_ptr<graph::AugmentStage> mean_from(const ChainParameters& given,
                                               const Statistics& statistics);

}  // namespace sluice::nodes
