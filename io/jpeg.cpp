#include "io/jpeg.h"

#include <fmt/format.h>

#include "io/file_kind.h"
#include "io/jpeg_rows.h"
#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

// Both false: a decoded row is already what the image holds.
bool is_cmyk(const JpegState& state) { return state.codec.num_components == 4; }
bool needs_row(const JpegState& state) { return is_cmyk(state) || state.orientation != 1; }

Extent stored_extent(const JpegState& state) {
  return {static_cast<int>(state.codec.image_width), static_cast<int>(state.codec.image_height)};
}

}  // namespace

void header_step(JpegState& state) {
  jpeg_create_decompress(&state.codec);
  state.codec.mem->max_memory_to_use = 0;  // not what the environment (JPEGMEM) says
  state.codec.progress = &state.progress;
  install_source(state);
  jpeg_read_header(&state.codec, TRUE);
  state.multi_scan = jpeg_has_multiple_scans(&state.codec) != FALSE;
  state.phase = JpegState::Phase::pixels;
}

void start_step(JpegState& state) {
  jpeg_decompress_struct& codec = state.codec;
  codec.out_color_space = is_cmyk(state) ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&codec);
  if (!needs_row(state)) return;
  state.row = *codec.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&codec), JPOOL_IMAGE,
                                       codec.image_width * 4, 1);
}

void rows_step(JpegState& state) {
  jpeg_decompress_struct& codec = state.codec;
  auto* const pixels = reinterpret_cast<std::uint8_t*>(state.pixels);
  const Extent stored = stored_extent(state);
  const Ink ink = codec.saw_Adobe_marker ? Ink::inverted : Ink::plain;
  while (codec.output_scanline < codec.output_height) {
    const int y = static_cast<int>(codec.output_scanline);
    const RowPlace place = row_place(stored, state.orientation, y);
    JSAMPROW row = needs_row(state) ? state.row : pixels + place.first * kChannels;
    jpeg_read_scanlines(&codec, &row, 1);
    if (is_cmyk(state)) cmyk_to_rgb(row, stored.width, ink);
    if (needs_row(state)) place_row(row, stored.width, place, pixels);
  }
  jpeg_finish_decompress(&codec);
}

JpegDecoder::JpegDecoder(std::span<const std::byte> file, const JpegOptions& options) {
  install_errors(state_);
  state_.begin = reinterpret_cast<const JOCTET*>(file.data());
  state_.size = file.size();
  state_.max_scans = options.limits.max_scans;
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
  const int exif = state_.exif_orientation == 0 ? 1 : state_.exif_orientation;
  state_.orientation = options.orientation == Orientation::apply ? exif : 1;
  state_.extent = oriented(stored, state_.orientation);
  const jpeg_decompress_struct& codec = state_.codec;
  return JpegHeader{.extent = state_.extent,
                    .stored = stored,
                    .components = codec.num_components,
                    .progressive = codec.progressive_mode != FALSE,
                    .multi_scan = state_.multi_scan,
                    .exif_orientation = exif,
                    .decoder_bytes = decoder_bytes(codec)};
}

Result<JpegHeader> read_jpeg_header(std::span<const std::byte> file, const JpegOptions& options) {
  return JpegDecoder(file, options).header(options);
}

Result<JpegWarnings> decode_jpeg(std::span<const std::byte> file, const JpegOptions& options,
                                 ImageView to) {
  JpegDecoder decoder(file, options);
  if (const auto header = decoder.header(options); !header.ok()) return header.error();
  JpegState& state = decoder.state();
  require(to.type == PixelType::u8 && to.extent == state.extent,
          "decode_jpeg: the image is {} x {}, its header says {} x {} (u8)", to.extent.width,
          to.extent.height, state.extent.width, state.extent.height);
  state.pixels = to.data;
  if (!decoder.run(start_step) || !decoder.run(rows_step)) return decoder.error();
  JpegWarnings warnings;
  warnings.count = state.warning_count;
  if (state.warning_count > 0) {
    warnings.first = state.first_warning.text;
    warnings.byte_offset = state.first_warning.byte_offset;
  }
  return warnings;
}

}  // namespace sluice::io
