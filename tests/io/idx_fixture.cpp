#include "tests/io/idx_fixture.h"

#include <zlib.h>

#include "runtime/error.h"

namespace sluice::io::test {

std::string idx_file(const std::vector<std::uint32_t>& sizes, std::string_view values) {
  std::string file{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(size >> shift & 0xFF);
  }
  return file.append(values);
}

std::string gzipped(std::string_view bytes) {
  z_stream stream{};
  require(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
          "zlib does not start");
  std::string packed(::deflateBound(&stream, bytes.size()) + 32, '\0');
  std::string copy(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  require(status == Z_STREAM_END, "zlib does not end");
  return packed;
}

void add_digits(const TempFolder& folder, const SmallDigits& digits) {
  const std::string before(1, digits.before_idx);
  const auto add = [&](const std::string& name, const std::string& bytes) {
    folder.add(digits.gzip ? name + ".gz" : name, digits.gzip ? gzipped(bytes) : bytes);
  };
  for (const std::string part : {"train", "t10k"}) {
    const int count = part == "train" ? digits.images : digits.images / 2;
    std::string pixels, labels;
    for (int k = 0; k < count; ++k) {
      for (int p = 0; p < 6; ++p) pixels += static_cast<char>(10 * k + p);
      labels += static_cast<char>(k % 3);
    }
    const auto size = static_cast<std::uint32_t>(count);
    add(part + "-images" + before + "idx3-ubyte", idx_file({size, 2, 3}, pixels));
    add(part + "-labels" + before + "idx1-ubyte", idx_file({size}, labels));
  }
}

}  // namespace sluice::io::test
