// libjpeg's source manager over a file in memory, and the reader of its EXIF block in place (saving
// markers would copy them: up to the file's size, unbounded by any limit).
#include "io/exif.h"
#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

JpegState& state_of(j_decompress_ptr codec) { return *static_cast<JpegState*>(codec->client_data); }

void nothing(j_decompress_ptr) {}

// At the end: warn, and answer with an end marker, as often as asked.
boolean fill(j_decompress_ptr codec) {
  static const JOCTET kEnd[] = {0xFF, JPEG_EOI};
  state_of(codec).ran_out = true;
  WARNMS(codec, JWRN_JPEG_EOF);
  codec->src->next_input_byte = kEnd;
  codec->src->bytes_in_buffer = sizeof kEnd;
  return TRUE;
}

void skip(j_decompress_ptr codec, long bytes) {
  if (bytes <= 0) return;
  jpeg_source_mgr& source = *codec->src;
  if (static_cast<unsigned long>(bytes) > source.bytes_in_buffer) {
    fill(codec);
    return;
  }
  source.next_input_byte += bytes;
  source.bytes_in_buffer -= static_cast<std::size_t>(bytes);
}

std::size_t next_byte(j_decompress_ptr codec) {
  jpeg_source_mgr& source = *codec->src;
  if (source.bytes_in_buffer == 0) fill(codec);
  --source.bytes_in_buffer;
  return *source.next_input_byte++;
}

// APP1: two bytes of length (themselves included), then the content.
boolean read_app1(j_decompress_ptr codec) {
  const std::size_t high = next_byte(codec);
  const std::size_t length = high << 8 | next_byte(codec);
  if (length < 2) ERREXIT(codec, JERR_BAD_LENGTH);
  JpegState& state = state_of(codec);
  const std::size_t content = length - 2;
  if (content <= codec->src->bytes_in_buffer && state.exif_orientation == 0) {
    const auto* first = reinterpret_cast<const std::byte*>(codec->src->next_input_byte);
    state.exif_orientation = exif_orientation({first, content});
  }
  skip(codec, static_cast<long>(content));
  return TRUE;
}

}  // namespace

void install_source(JpegState& state) {
  state.source.next_input_byte = state.begin;
  state.source.bytes_in_buffer = state.size;
  state.source.init_source = nothing;
  state.source.fill_input_buffer = fill;
  state.source.skip_input_data = skip;
  state.source.resync_to_restart = jpeg_resync_to_restart;
  state.source.term_source = nothing;
  state.codec.src = &state.source;
  jpeg_set_marker_processor(&state.codec, JPEG_APP0 + 1, read_app1);
}

std::int64_t byte_offset(const JpegState& state) {
  if (state.ran_out) return static_cast<std::int64_t>(state.size);
  if (state.source.next_input_byte == nullptr) return 0;
  return state.source.next_input_byte - state.begin;
}

}  // namespace sluice::io
