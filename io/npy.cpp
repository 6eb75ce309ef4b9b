#include "io/npy.h"

#include <fmt/format.h>

#include <bit>
#include <string>

#include "io/atomic_file.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they lie");

constexpr std::size_t kMagicBytes = 10;  // "\x93NUMPY", version, length of the header
constexpr std::size_t kAlignment = 64;   // of the first value

// A Python literal; a tuple of one needs its comma.
std::string shape_literal(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape.sizes()) text += fmt::format("{},", size);
  return fmt::format("({})", text);
}

std::string header(const Shape& shape, std::string_view type) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type,
                                 shape_literal(shape));
  const std::size_t used = kMagicBytes + text.size() + 1;
  text.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  text += '\n';
  std::string magic = "\x93NUMPY";
  magic +=
      {'\x01', '\x00', static_cast<char>(text.size() % 256), static_cast<char>(text.size() / 256)};
  return magic + text;
}

void write(const std::filesystem::path& path, const Shape& shape, std::string_view type,
           std::span<const std::byte> bytes) {
  require(static_cast<std::size_t>(shape.elements()) * 4 == bytes.size(),
          "{}: {} values do not fill the shape {}", path.string(), bytes.size() / 4, shape.text());
  AtomicFile file(path);
  file.write(header(shape, type));
  file.write(bytes);
  file.commit();
}

}  // namespace

void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const float> values) {
  write(path, shape, "<f4", std::as_bytes(values));
}

void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const std::int32_t> values) {
  write(path, shape, "<i4", std::as_bytes(values));
}

}  // namespace sluice::io
