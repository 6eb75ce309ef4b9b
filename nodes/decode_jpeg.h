// Decodes JPEG files.
#pragma once

#include "graph/node.h"
#include "io/jpeg.h"

namespace sluice::nodes {

// A bad file is a bad item with the decoder's words and the byte offset.
struct DecodeJpeg {
  static constexpr graph::NodeInfo info{.name = "decode",
                                        .kind = graph::NodeKind::decode,
                                        .cost = graph::CostClass::bytes,
                                        .help = "decodes a JPEG file to RGB"};

  io::JpegOptions options;

  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const;
  Result<> decode(std::span<const std::byte> bytes, ImageView to) const;
  Result<> decode_part(std::span<const std::byte> bytes, const Box& part, ImageView to) const;
};
static_assert(graph::DecodeNode<DecodeJpeg>);

}  // namespace sluice::nodes
