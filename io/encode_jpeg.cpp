#include "io/encode_jpeg.h"

#include <jpeglib.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include "runtime/error.h"

namespace sluice::io {
namespace {

// What libjpeg's callbacks see. Trivial, because an error jumps over destructors.
struct EncoderState {
  jpeg_compress_struct codec;
  jpeg_error_mgr errors;
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
  unsigned char* bytes;  // malloc'ed by libjpeg
  unsigned long size;
};

[[noreturn]] void on_error(j_common_ptr codec) {
  auto& state = *static_cast<EncoderState*>(codec->client_data);
  state.errors.format_message(codec, state.text);
  std::longjmp(state.jump, 1);
}

void print_nothing(j_common_ptr) {}

// false: it failed and `state.text` says why.
bool write_rows(EncoderState& state, const ConstImageView& image, int quality) {
  if (setjmp(state.jump) != 0) return false;
  jpeg_create_compress(&state.codec);
  jpeg_mem_dest(&state.codec, &state.bytes, &state.size);
  state.codec.image_width = static_cast<JDIMENSION>(image.extent.width);
  state.codec.image_height = static_cast<JDIMENSION>(image.extent.height);
  state.codec.input_components = kChannels;
  state.codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&state.codec);  // 4:2:0 is libjpeg's default for colour
  jpeg_set_quality(&state.codec, quality, TRUE);
  jpeg_start_compress(&state.codec, TRUE);
  while (state.codec.next_scanline < state.codec.image_height) {
    // libjpeg takes rows it only reads as pointers to mutable samples
    auto* row = const_cast<JSAMPROW>(image.u8(static_cast<int>(state.codec.next_scanline)));
    jpeg_write_scanlines(&state.codec, &row, 1);
  }
  jpeg_finish_compress(&state.codec);
  return true;
}

}  // namespace

void EncodedJpeg::Free::operator()(unsigned char* data) const noexcept { std::free(data); }

EncodedJpeg encode_jpeg(ConstImageView image, const JpegEncoding& encoding,
                        std::span<std::byte> memory) {
  require(image.type == PixelType::u8 && image.extent.width > 0 && image.extent.height > 0 &&
              image.extent.width <= JPEG_MAX_DIMENSION && image.extent.height <= JPEG_MAX_DIMENSION,
          "encode_jpeg: {} x {} pixels; a JPEG file has 1 to {} a side, of 8 bits",
          image.extent.width, image.extent.height, JPEG_MAX_DIMENSION);
  require(encoding.quality >= 1 && encoding.quality <= 100,
          "encode_jpeg: quality {}; valid are 1 to 100", encoding.quality);
  EncoderState state{};
  state.codec.err = jpeg_std_error(&state.errors);
  state.codec.client_data = &state;
  state.errors.error_exit = on_error;
  state.errors.output_message = print_nothing;
  auto* given = memory.empty() ? nullptr : reinterpret_cast<unsigned char*>(memory.data());
  state.bytes = given;
  state.size = memory.size();

  const bool done = write_rows(state, image, encoding.quality);
  jpeg_destroy_compress(&state.codec);
  EncodedJpeg file;
  if (state.bytes != given) file.owned.reset(state.bytes);
  if (!done) fail(ErrorKind::run, "encode_jpeg: {}", state.text);
  file.bytes = {reinterpret_cast<const std::byte*>(state.bytes), state.size};
  return file;
}

std::vector<std::byte> encode_jpeg(ConstImageView image, const JpegEncoding& encoding) {
  const EncodedJpeg file = encode_jpeg(image, encoding, {});
  return {file.bytes.begin(), file.bytes.end()};
}

// tjBufSize of 4:2:0: three bytes a pixel of whole 16 x 16 blocks, and the headers.
std::size_t encoded_jpeg_bytes(Extent extent) {
  const auto padded = [](int side) { return (static_cast<std::size_t>(side) + 15) / 16 * 16; };
  return padded(extent.width) * padded(extent.height) * 3 + 2048;
}

}  // namespace sluice::io
