#include "nodes/decode_jpeg.h"

namespace sluice::nodes {

Result<graph::DecodeNeeds> DecodeJpeg::inspect(std::span<const std::byte> bytes) const {
  const Result<io::JpegHeader> header = io::read_jpeg_header(bytes, options);
  if (!header.ok()) return header.error();
  return graph::DecodeNeeds{.extent = header.value().extent,
                            .decoder_bytes = header.value().decoder_bytes,
                            .parts = header.value().parts};
}

Result<> DecodeJpeg::decode_part(std::span<const std::byte> bytes, const Box& part,
                                 ImageView to) const {
  const Result<io::JpegWarnings> done = io::decode_jpeg(bytes, options, part, to);
  if (!done.ok()) return done.error();
  return Ok{};
}

Result<> DecodeJpeg::decode(std::span<const std::byte> bytes, ImageView to) const {
  const Result<io::JpegWarnings> done = io::decode_jpeg(bytes, options, to);
  if (!done.ok()) return done.error();
  return Ok{};
}

}  // namespace sluice::nodes
