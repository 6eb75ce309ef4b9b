#include "io/idx.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "io/gunzip.h"
#include "io/read_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::byte kUnsignedBytes{8};
constexpr std::size_t kMostDimensions = 3;

using Header = std::array<std::byte, 4 + 4 * kMostDimensions>;

// Where messages and limits come from.
struct Job {
  std::string_view name;
  std::size_t dimensions;
  const IdxLimits& limits;

  std::size_t header_bytes() const { return 4 + 4 * dimensions; }
};

std::uint32_t big_endian(std::span<const std::byte, 4> bytes) {
  std::uint32_t number = 0;
  for (const std::byte byte : bytes) number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", std::to_integer<unsigned>(byte));
  return text;
}

std::string shape_text(std::span<const std::uint32_t> sizes) {
  return fmt::format("{}", fmt::join(sizes, " x "));
}

void check_magic(const Job& job, std::span<const std::byte> header) {
  const std::array wanted{std::byte{0}, std::byte{0}, kUnsignedBytes,
                          static_cast<std::byte>(job.dimensions)};
  const auto magic = header.first(wanted.size());
  require(std::equal(magic.begin(), magic.end(), wanted.begin()),
          "{} starts with {}; valid: {}, an idx file of bytes with {} size(s)", job.name,
          hex(magic), hex(wanted), job.dimensions);
}

std::vector<std::uint32_t> sizes_in(const Job& job, std::span<const std::byte> header) {
  check_magic(job, header);
  std::vector<std::uint32_t> sizes;
  for (std::size_t i = 0; i < job.dimensions; ++i)
    sizes.push_back(big_endian(header.subspan(4 + 4 * i).first<4>()));
  return sizes;
}

// The header and all values, within the limit.
std::size_t bytes_promised(const Job& job, std::span<const std::uint32_t> sizes) {
  std::size_t bytes = 1;
  for (const std::uint32_t size : sizes) {
    require(size > 0, "{} holds {} values; valid: every size at least 1", job.name,
            shape_text(sizes));
    // Both factors are below 2^32 plus, so that the product fits.
    bytes = bytes > job.limits.most_bytes ? bytes : bytes * size;
  }
  require(bytes <= job.limits.most_bytes - std::min(job.limits.most_bytes, job.header_bytes()),
          "{} says that it holds {} values; valid: at most {} bytes in all", job.name,
          shape_text(sizes), job.limits.most_bytes);
  return job.header_bytes() + bytes;
}

void require_length(const Job& job, std::span<const std::uint32_t> sizes, std::size_t promised,
                    std::size_t found) {
  require(found >= promised, "{} is cut off: it has {} bytes, {} values take {}", job.name, found,
          shape_text(sizes), promised);
  require(found == promised, "{} has {} bytes behind its {} values; valid: {} bytes in all",
          job.name, found - promised, shape_text(sizes), promised);
}

void require_header(const Job& job, std::size_t found) {
  require(found >= job.header_bytes(), "{} has {} bytes; valid: an idx file of at least {}",
          job.name, found, job.header_bytes() + 1);
}

void require_sound(const Job& job, const Gunzip& stream) {
  require(stream.error().empty(), "{}: {}", job.name, stream.error());
}

IdxArray parse_plain(const Job& job, std::vector<std::byte> file) {
  require_header(job, file.size());
  std::vector<std::uint32_t> sizes = sizes_in(job, file);
  require_length(job, sizes, bytes_promised(job, sizes), file.size());
  return {std::move(sizes), std::move(file)};
}

void require_end(const Job& job, Gunzip& stream, std::span<const std::uint32_t> sizes) {
  std::array<std::byte, 1> more{};
  const std::size_t beyond = stream.read(more);
  require_sound(job, stream);
  require(beyond == 0, "{} goes on behind its {} values; valid: nothing behind them", job.name,
          shape_text(sizes));
  require(stream.bytes_left() == 0, "{} has {} bytes behind its gzip data; valid: none", job.name,
          stream.bytes_left());
}

IdxArray parse_gzip(const Job& job, std::span<const std::byte> packed) {
  Gunzip stream(packed);
  Header room{};
  const auto header = std::span(room).first(job.header_bytes());
  const std::size_t got = stream.read(header);
  require_sound(job, stream);
  require_header(job, got);
  std::vector<std::uint32_t> sizes = sizes_in(job, header);
  const std::size_t promised = bytes_promised(job, sizes);
  require(promised / kMostInflation <= packed.size(),
          "{} says that it holds {} values; {} bytes of gzip data cannot hold so many", job.name,
          shape_text(sizes), packed.size());
  std::vector<std::byte> file(promised);
  std::copy(header.begin(), header.end(), file.begin());
  const std::size_t values = stream.read(std::span(file).subspan(header.size()));
  require_sound(job, stream);
  require_length(job, sizes, promised, header.size() + values);
  require_end(job, stream, sizes);
  return {std::move(sizes), std::move(file)};
}

}  // namespace

IdxArray parse_idx(std::string_view name, std::vector<std::byte> file, std::size_t dimensions,
                   const IdxLimits& limits) {
  require(dimensions >= 1 && dimensions <= kMostDimensions, "idx files here have 1 to {} sizes",
          kMostDimensions);
  const Job job{name, dimensions, limits};
  return starts_as_gzip(file) ? parse_gzip(job, file) : parse_plain(job, std::move(file));
}

IdxArray read_idx(const std::filesystem::path& path, std::size_t dimensions,
                  const IdxLimits& limits) {
  const std::string name = one_line(path.string());
  const Result<std::size_t> bytes = file_bytes(path);
  require(bytes.ok(), "{}: {}", name, bytes.ok() ? "" : bytes.error().message);
  require(bytes.value() <= limits.most_bytes, "{} has {} bytes; valid: at most {}", name,
          bytes.value(), limits.most_bytes);
  std::vector<std::byte> file(bytes.value());
  const Result<> done = read_file(path, file);
  require(done.ok(), "{}: {}", name, done.ok() ? "" : done.error().message);
  return parse_idx(name, std::move(file), dimensions, limits);
}

}  // namespace sluice::io
