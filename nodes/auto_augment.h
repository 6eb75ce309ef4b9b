// RandAugment and TrivialAugment as groups of the catalogue's own nodes (augment_space.h).
#pragma once

#include "nodes/catalogue.h"

namespace sluice::nodes {

inline constexpr graph::ParameterSpec kSamplingParameter = {
    "sampling",
    graph::ParameterType::word,
    "",
    "\"nearest\"",
    "nearest or bilinear",
    "how images are sampled that are sheared or rotated"};
inline constexpr graph::ParameterSpec kFillParameter = {
    "fill",        graph::ParameterType::real,
    "grey levels", "0.0",
    "0 to 255",    "of what comes from outside of the image"};

// `count` operations, each drawn anew from all, at one strength.
struct RandAugment {
  static constexpr bool kTakesMembers = false;
  static constexpr graph::ParameterSpec kParameters[] = {
      {"count", graph::ParameterType::integer, "operations", "2", "1 to 14",
       "how many operations, one after the other (the paper's N)"},
      {"magnitude", graph::ParameterType::integer, "", "9", "0 to 30",
       "their strength, of 30 (the paper's M)"},
      kSamplingParameter,
      kFillParameter};
  static constexpr graph::NodeInfo info{.name = "rand-augment",
                                        .help =
                                            "RandAugment: operations drawn from 14, all at one "
                                            "strength",
                                        .parameters = kParameters};
};

// One operation at a drawn strength, TrivialAugment's wide space.
struct TrivialAugment {
  static constexpr bool kTakesMembers = false;
  static constexpr graph::ParameterSpec kParameters[] = {
      {"translate", graph::ParameterType::real, "widths", "0.142857", "0 to 1",
       "the most that images are moved; torchvision's 32 pixels are 1/7 of 224"},
      kSamplingParameter,
      kFillParameter};
  static constexpr graph::NodeInfo info{.name = "trivial-augment",
                                        .help =
                                            "TrivialAugment (wide): one operation of 14 at a "
                                            "drawn strength",
                                        .parameters = kParameters};
};

graph::Chain rand_augment_from(const ChainParameters& given, Members members);
graph::Chain trivial_augment_from(const ChainParameters& given, Members members);

}  // namespace sluice::nodes
