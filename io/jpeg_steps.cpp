// What the JPEG reader asks of libjpeg, in order; all of it below the setjmp (jpeg_state.h).
#include <algorithm>
#include <cstring>

#include "io/jpeg_rows.h"
#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

// Chroma is upsampled from a sample and its neighbours, and the first and the last of a row have
// one neighbour only. Above and below none is missing: libjpeg reads on from a row before the
// first.
constexpr int kMargin = 1;
// Where a row holds too few chroma samples (jdapistd.c: fewer than two, jdsample.c: than three),
// libjpeg repeats them instead.
constexpr int kLeastWindow = 8;

bool is_cmyk(const JpegState& state) { return state.codec.num_components == 4; }
bool keeps_all(const JpegState& state) { return state.kept == whole(stored_extent(state)); }
// Whether the codec's rows are already what the destination holds.
bool goes_straight(const JpegState& state) {
  const auto width = static_cast<JDIMENSION>(state.kept.extent.width);
  return !is_cmyk(state) && state.orientation == 1 && state.codec.output_width == width;
}

bool samples(const jpeg_component_info& component, int h, int v) {
  return component.h_samp_factor == h && component.v_samp_factor == v;
}

// Whether libjpeg's cropped rows are known to hold the pixels of whole ones, and its skipping to
// notice what reading does: sequential Huffman coding in the usual samplings (README.md).
bool gives_parts(const JpegState& state) {
  const jpeg_decompress_struct& codec = state.codec;
  const bool coded = !state.multi_scan && !codec.progressive_mode && !codec.arith_code;
  const bool all_coefficients = codec.Ss == 0 && codec.Se == DCTSIZE2 - 1;  // not so in lossless
  if (!coded || !all_coefficients) return false;
  const jpeg_component_info* const c = codec.comp_info;
  if (codec.num_components == 1) return samples(c[0], 1, 1);
  if (codec.num_components != 3 || !samples(c[1], 1, 1) || !samples(c[2], 1, 1)) return false;
  return c[0].h_samp_factor <= 2 && c[0].v_samp_factor <= 2;
}

// Tells the codec which columns to transform; it begins at an edge of its blocks.
void crop_rows(JpegState& state) {
  const int width = stored_extent(state).width;
  int left = std::max(state.kept.left - kMargin, 0);
  const int right = std::min(std::max(state.kept.right() + kMargin, left + kLeastWindow), width);
  left = std::max(std::min(left, right - kLeastWindow), 0);
  auto first = static_cast<JDIMENSION>(left);
  auto count = static_cast<JDIMENSION>(right - left);
  jpeg_crop_scanline(&state.codec, &first, &count);
  state.window_left = static_cast<int>(first);
}

// Rows nobody wants: their bits are still decoded, so that what is wrong with them is noticed.
void pass_rows(JpegState& state, int count) {
  if (count <= 0) return;
  if (state.parts) {
    jpeg_skip_scanlines(&state.codec, static_cast<JDIMENSION>(count));
    return;
  }
  for (int i = 0; i < count; ++i) jpeg_read_scanlines(&state.codec, &state.row, 1);
}

// To the end of the image. A skip that reaches the end would not look at what it skips, so the last
// row is read.
void pass_rest(JpegState& state) {
  const int left = static_cast<int>(state.codec.output_height - state.codec.output_scanline);
  if (left == 0) return;
  pass_rows(state, left - 1);
  jpeg_read_scanlines(&state.codec, &state.row, 1);
}

// Reads row `y` of the kept ones.
void keep_row(JpegState& state, int y) {
  const Extent kept = state.kept.extent;
  auto* const pixels = reinterpret_cast<std::uint8_t*>(state.pixels);
  const RowPlace place = row_place(kept, state.orientation, y);
  std::uint8_t* const to = pixels + place.first * kChannels;
  JSAMPROW row = goes_straight(state) ? to : state.row;
  jpeg_read_scanlines(&state.codec, &row, 1);
  if (row == to) return;
  if (is_cmyk(state)) {
    const Ink ink = state.codec.saw_Adobe_marker ? Ink::inverted : Ink::plain;
    cmyk_to_rgb(row, static_cast<int>(state.codec.output_width), ink);
  }
  const JSAMPLE* const first = row + (state.kept.left - state.window_left) * kChannels;
  if (state.orientation == 1) {
    std::memcpy(to, first, static_cast<std::size_t>(kept.width) * kChannels);
  } else {
    place_row(first, kept.width, place, pixels);
  }
}

}  // namespace

Extent stored_extent(const JpegState& state) {
  return {static_cast<int>(state.codec.image_width), static_cast<int>(state.codec.image_height)};
}

void header_step(JpegState& state) {
  jpeg_create_decompress(&state.codec);
  state.codec.mem->max_memory_to_use = 0;  // not what the environment (JPEGMEM) says
  state.codec.progress = &state.progress;
  install_source(state);
  jpeg_read_header(&state.codec, TRUE);
  state.multi_scan = jpeg_has_multiple_scans(&state.codec) != FALSE;
  state.parts = gives_parts(state);
  state.phase = JpegState::Phase::pixels;
}

void start_step(JpegState& state) {
  jpeg_decompress_struct& codec = state.codec;
  codec.out_color_space = is_cmyk(state) ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&codec);
  if (state.parts && !keeps_all(state)) crop_rows(state);
  if (keeps_all(state) && goes_straight(state)) return;
  state.row =
      kRowShift + *codec.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&codec), JPOOL_IMAGE,
                                           codec.output_width * 4 + kRowShift, 1);
}

void rows_step(JpegState& state) {
  pass_rows(state, state.kept.top);
  for (int y = 0; y < state.kept.extent.height; ++y) keep_row(state, y);
  pass_rest(state);
  jpeg_finish_decompress(&state.codec);
}

}  // namespace sluice::io
