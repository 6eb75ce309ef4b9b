#include "io/jpeg.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/file_kind.h"
#include "io/jpeg_rows.h"
#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

void check_part(const Box& part, Extent image) {
  const bool empty = part.extent.width <= 0 || part.extent.height <= 0;
  require(!empty && inside(part, image),
          "decode_jpeg: the part is {} x {} at {}, {}, valid is a part with pixels inside {} x {}",
          part.extent.width, part.extent.height, part.left, part.top, image.width, image.height);
}

void check_destination(const ImageView& to, Extent extent, const char* who_says) {
  require(to.type == PixelType::u8 && to.extent == extent,
          "decode_jpeg: the image is {} x {}, {} says {} x {} (u8)", to.extent.width,
          to.extent.height, who_says, extent.width, extent.height);
}

// Behind the header and the checks.
Result<JpegWarnings> decode_pixels(JpegDecoder& decoder, const Box& part, ImageView to) {
  JpegState& state = decoder.state();
  state.pixels = to.data;
  state.kept = stored_part(part, stored_extent(state), state.orientation);
  if (!decoder.run(start_step) || !decoder.run(rows_step)) return decoder.error();
  JpegWarnings warnings;
  warnings.count = state.warning_count;
  if (state.warning_count > 0) {
    warnings.first = state.first_warning.text;
    warnings.byte_offset = state.first_warning.byte_offset;
  }
  return warnings;
}

}  // namespace

JpegDecoder::JpegDecoder(std::span<const std::byte> file, const JpegOptions& options) {
  install_errors(state_);
  state_.begin = reinterpret_cast<const JOCTET*>(file.data());
  state_.size = file.size();
  state_.truncated = options.truncated;
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&state_.codec); }

ItemError JpegDecoder::error() const { return {state_.error.text, state_.error.byte_offset}; }

Result<JpegHeader> JpegDecoder::header(const JpegOptions& options) {
  const std::span file(reinterpret_cast<const std::byte*>(state_.begin), state_.size);
  if (file.empty()) return ItemError{"empty file (0 bytes)", 0};
  if (!starts_as_jpeg(file)) return ItemError{"not a JPEG: " + describe_start(file), 0};
  if (!run(header_step)) return error();

  const Extent stored = stored_extent(state_);
  if (stored.pixels() > options.limits.max_pixels) {
    return ItemError{fmt::format("{} x {} is {:.1f} megapixels, the limit is {:.1f}", stored.width,
                                 stored.height, static_cast<double>(stored.pixels()) / 1e6,
                                 static_cast<double>(options.limits.max_pixels) / 1e6),
                     byte_offset(state_)};
  }
  const std::int64_t passes =
      options.limits.max_scan_pixels / std::max<std::int64_t>(stored.pixels(), 1);
  state_.max_scans = static_cast<int>(std::min<std::int64_t>(options.limits.max_scans, passes));
  const int exif = state_.exif_orientation == 0 ? 1 : state_.exif_orientation;
  state_.orientation = options.orientation == Orientation::apply ? exif : 1;
  state_.extent = oriented(stored, state_.orientation);
  state_.kept = whole(stored);
  const jpeg_decompress_struct& codec = state_.codec;
  return JpegHeader{.extent = state_.extent,
                    .stored = stored,
                    .components = codec.num_components,
                    .progressive = codec.progressive_mode != FALSE,
                    .multi_scan = state_.multi_scan,
                    .exif_orientation = exif,
                    .parts = state_.parts,
                    .decoder_bytes = decoder_bytes(codec)};
}

Result<JpegHeader> read_jpeg_header(std::span<const std::byte> file, const JpegOptions& options) {
  return JpegDecoder(file, options).header(options);
}

Result<JpegWarnings> decode_jpeg(std::span<const std::byte> file, const JpegOptions& options,
                                 ImageView to) {
  JpegDecoder decoder(file, options);
  const auto header = decoder.header(options);
  if (!header.ok()) return header.error();
  check_destination(to, header.value().extent, "its header");
  return decode_pixels(decoder, whole(header.value().extent), to);
}

Result<JpegWarnings> decode_jpeg(std::span<const std::byte> file, const JpegOptions& options,
                                 const Box& part, ImageView to) {
  JpegDecoder decoder(file, options);
  const auto header = decoder.header(options);
  if (!header.ok()) return header.error();
  check_part(part, header.value().extent);
  check_destination(to, part.extent, "the part");
  return decode_pixels(decoder, part, to);
}

}  // namespace sluice::io
