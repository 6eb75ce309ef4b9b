#include "nodes/jpeg_quality.h"

#include <fmt/core.h>

#include <algorithm>

#include "io/encode_jpeg.h"
#include "io/jpeg.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kLongestSide = 65500;

}  // namespace

std::string JpegQuality::Decision::text() const {
  return fmt::format("JPEG of quality {}", quality);
}

void JpegQuality::check() const {
  require(quality >= 1 && quality <= quality_to && quality_to <= 100,
          "jpeg: quality is {} and quality_to is {}, they must be 1 to 100, quality not above "
          "quality_to",
          quality, quality_to);
}

JpegQuality::Decision JpegQuality::draw(Random& random, Extent) const {
  const auto choices = static_cast<std::uint64_t>(quality_to - quality + 1);
  return {quality + static_cast<int>(random.below(choices))};
}

std::optional<std::string> JpegQuality::refuses(Extent before) const {
  if (std::max(before.width, before.height) <= kLongestSide) return std::nullopt;
  return fmt::format("jpeg takes images of up to {} pixels a side, this one has {} x {}",
                     kLongestSide, before.width, before.height);
}

std::size_t JpegQuality::scratch_bytes(const Decision&, Extent before, PixelType) const {
  return io::encoded_jpeg_bytes(before);
}

void JpegQuality::apply(ConstImageView in, const Decision& decision, ImageView out,
                        std::span<std::byte> scratch) const {
  if (in.extent.pixels() == 0) return;
  const io::EncodedJpeg file = io::encode_jpeg(in, {.quality = decision.quality}, scratch);
  // The image was decoded within the run's own limits; no others hold here.
  io::JpegOptions options;
  options.limits.max_pixels = std::max(options.limits.max_pixels, in.extent.pixels());
  const auto decoded = io::decode_jpeg(file.bytes, options, out);
  require(decoded.ok(), "jpeg: a file that was just written cannot be read");
}

JpegQuality jpeg_quality_from(const ChainParameters& given) {
  JpegQuality node;
  node.quality = given.integer("quality");
  node.quality_to = given.integer("quality_to");
  return node;
}

}  // namespace sluice::nodes
