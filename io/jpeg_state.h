// Private to the JPEG reader: the state that libjpeg's callbacks see, and the one place of setjmp.
//
// libjpeg reports an error by a callback that must not return, so the callback jumps. A jump skips
// destructors; therefore everything between `run_guarded` and a callback (the steps, libjpeg's own
// frames, the callbacks) holds trivial objects only, and owners stand outside (`JpegDecoder`).
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "io/jpeg.h"
#include "io/libjpeg.h"

namespace sluice::io {

// A text of libjpeg's and where in the file its reader stood. The entropy decoder reads ahead, so
// the offset is near the fault, never exact to the bit.
struct JpegNote {
  char text[JMSG_LENGTH_MAX];
  std::int64_t byte_offset;
};

// libjpeg-turbo's colour conversion writes past the cache into rows that are aligned to 32 bytes,
// but we read ours at once.
inline constexpr std::size_t kRowShift = 8;

struct JpegState {
  enum class Phase : std::uint8_t { header, pixels };

  jpeg_decompress_struct codec;
  jpeg_error_mgr errors;
  jpeg_source_mgr source;
  jpeg_progress_mgr progress;
  std::jmp_buf jump;

  const JOCTET* begin;
  std::size_t size;
  bool ran_out;  // the source was asked for more than there is and answered with an end marker
  Phase phase;
  bool multi_scan;  // known behind the header
  int max_scans;
  Truncated truncated;
  int exif_orientation;  // 0: none found yet

  JpegNote error;
  int warning_count;
  JpegNote first_warning;

  std::byte* pixels;  // destination: the kept pixels, oriented
  Extent extent;      // of the whole image, oriented
  int orientation;    // to apply, 1: none
  bool parts;         // a part can be decoded by itself; known behind the header
  Box kept;           // what to keep of the stored image
  int window_left;    // the codec's rows begin at this column of the stored image
  JSAMPROW row;       // one row of the codec, where it cannot go straight to the destination
};

static_assert(std::is_trivially_destructible_v<JpegState>);

// Runs a step; false: it failed and `state.error` says why.
bool run_guarded(JpegState& state, void (*step)(JpegState&));

// Ends the running step with libjpeg's current message.
[[noreturn]] void raise(JpegState& state, const char* before_text);
// Ends the running step with a text of ours.
[[noreturn]] void raise_text(JpegState& state, const char* text);

void install_errors(JpegState& state);                           // jpeg_errors.cpp
void install_source(JpegState& state);                           // jpeg_source.cpp
std::int64_t byte_offset(const JpegState& state);                // jpeg_source.cpp
std::size_t decoder_bytes(const jpeg_decompress_struct& codec);  // jpeg_memory.cpp

Extent stored_extent(const JpegState& state);

// The steps, in order (jpeg_steps.cpp). `start` makes libjpeg allocate all it needs.
void header_step(JpegState& state);
void start_step(JpegState& state);
void rows_step(JpegState& state);

// Owns a state; must stand outside any step.
class JpegDecoder {
 public:
  JpegDecoder(std::span<const std::byte> file, const JpegOptions& options);
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  JpegState& state() { return state_; }
  bool run(void (*step)(JpegState&)) { return run_guarded(state_, step); }
  ItemError error() const;
  // Reads the header and checks the limits.
  Result<JpegHeader> header(const JpegOptions& options);

 private:
  JpegState state_{};
};

}  // namespace sluice::io
