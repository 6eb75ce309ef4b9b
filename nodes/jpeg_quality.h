// Recompresses images as JPEG files of a drawn quality. Its pixels come from io's encoder and
// decoder, which is why the operation lies here and not in augment.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// A baseline file of libjpeg's quality `quality`, 4:2:0, as torchvision's JPEG, Albumentations'
// ImageCompression and Pillow's save(quality=..., subsampling=2) make it; the quality is uniform
// over the whole numbers of [quality, quality_to] (one draw). Bytes only.
struct JpegQuality {
  struct Decision {
    int quality = 100;

    std::string text() const;  // "JPEG of quality 57"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  static constexpr graph::ParameterSpec kParameters[] = {
      {"quality", graph::ParameterType::integer, "", "40", "1 to 100", "lowest quality"},
      {"quality_to", graph::ParameterType::integer, "", "95", "1 to 100", "highest quality"}};
  static constexpr graph::NodeInfo info{.name = "jpeg",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "recompresses as JPEG files",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;
  static constexpr bool kTakesFloats = false;

  int quality = 40;     // 1 to 100
  int quality_to = 95;  // quality to 100

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  // JPEG files end at 65500 pixels a side.
  std::optional<std::string> refuses(Extent before) const;
  std::size_t scratch_bytes(const Decision&, Extent before, PixelType) const;
  void apply(ConstImageView in, const Decision& decision, ImageView out,
             std::span<std::byte> scratch) const;
};
static_assert(graph::AugmentNode<JpegQuality>);
static_assert(augment::SmallDecision<JpegQuality::Decision>);

JpegQuality jpeg_quality_from(const ChainParameters& given);

}  // namespace sluice::nodes
