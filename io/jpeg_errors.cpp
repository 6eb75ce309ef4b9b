// libjpeg's error manager: nothing is printed, nothing exits, errors jump to `run_guarded`.
#include <cstdio>
#include <cstring>

#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

JpegState& state_of(j_common_ptr codec) { return *static_cast<JpegState*>(codec->client_data); }

void take_note(JpegState& state, const char* before_text, JpegNote& note) {
  char text[JMSG_LENGTH_MAX];
  state.errors.format_message(reinterpret_cast<j_common_ptr>(&state.codec), text);
  std::snprintf(note.text, sizeof note.text, "%.40s%.150s", before_text, text);
  note.byte_offset = byte_offset(state);
}

// Whether the warning at hand means that pixels are missing up to the end of the file.
bool pixels_are_missing(const JpegState& state) {
  if (state.errors.msg_code == JWRN_JPEG_EOF) {
    // Behind the last row of a Huffman-coded scan nothing but the end marker may be missing, and
    // the decoder then says JWRN_HIT_MARKER if it wanted more. Elsewhere nobody knows what was to
    // come.
    return state.phase == JpegState::Phase::header || state.multi_scan || state.codec.arith_code;
  }
  return state.errors.msg_code == JWRN_HIT_MARKER && state.codec.unread_marker == JPEG_EOI;
}

[[noreturn]] void on_error(j_common_ptr codec) { raise(state_of(codec), ""); }

void on_message(j_common_ptr codec, int level) {
  if (level >= 0) return;  // a trace, not a warning
  JpegState& state = state_of(codec);
  ++state.errors.num_warnings;
  if (state.warning_count++ == 0) take_note(state, "", state.first_warning);
  const bool fatal =
      state.truncated == Truncated::reject || state.phase == JpegState::Phase::header;
  if (fatal && pixels_are_missing(state)) raise(state, "truncated: ");
}

void print_nothing(j_common_ptr) {}

// Called for every row of blocks of every scan.
void check_scans(j_common_ptr codec) {
  JpegState& state = state_of(codec);
  if (state.codec.input_scan_number <= state.max_scans) return;
  char text[JMSG_LENGTH_MAX];
  std::snprintf(text, sizeof text, "more than %d scans, the limit", state.max_scans);
  raise_text(state, text);
}

}  // namespace

bool run_guarded(JpegState& state, void (*step)(JpegState&)) {
  if (setjmp(state.jump) != 0) return false;
  step(state);
  return true;
}

void raise(JpegState& state, const char* before_text) {
  take_note(state, before_text, state.error);
  std::longjmp(state.jump, 1);
}

void raise_text(JpegState& state, const char* text) {
  std::snprintf(state.error.text, sizeof state.error.text, "%s", text);
  state.error.byte_offset = byte_offset(state);
  std::longjmp(state.jump, 1);
}

void install_errors(JpegState& state) {
  state.codec.err = jpeg_std_error(&state.errors);
  state.codec.client_data = &state;
  state.errors.error_exit = on_error;
  state.errors.emit_message = on_message;
  state.errors.output_message = print_nothing;
  state.progress.progress_monitor = check_scans;
}

}  // namespace sluice::io
