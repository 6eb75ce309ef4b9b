#include "tests/bench/prepare_decode.h"

#include "io/libjpeg.h"
#include "nodes/decode_jpeg.h"
#include "runtime/error.h"

namespace sluice::bench {

// Errors end the process (libjpeg's default); the files were decoded once before.
void BareDecode::operator()(Turn turn) {
  const MemoryFile& file = file_of(files_, turn.sample);
  std::vector<unsigned char>& buffer = buffers_[turn.worker];
  jpeg_decompress_struct decoder;
  jpeg_error_mgr errors;
  decoder.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char*>(file.bytes.data()),
               file.bytes.size());
  jpeg_read_header(&decoder, TRUE);
  jpeg_start_decompress(&decoder);
  const std::size_t stride =
      std::size_t{decoder.output_width} * static_cast<std::size_t>(decoder.output_components);
  if (buffer.size() < stride * decoder.output_height) buffer.resize(stride * decoder.output_height);
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW row = buffer.data() + stride * decoder.output_scanline;
    jpeg_read_scanlines(&decoder, &row, 1);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
}

void NodeDecode::operator()(Turn turn) {
  const MemoryFile& file = file_of(files_, turn.sample);
  const nodes::DecodeJpeg node;
  const auto needs = node.inspect(file.bytes);
  if (!needs) fail(ErrorKind::run, "{}: {}", file.name, needs.error().message);
  Image image(pool_, needs.value().extent, PixelType::u8);
  const auto done = node.decode(file.bytes, image.view());
  if (!done) fail(ErrorKind::run, "{}: {}", file.name, done.error().message);
}

}  // namespace sluice::bench
