#include "io/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are written as they lie in memory");

constexpr std::size_t kLengthBytes = 8;

std::string header_text(std::span<const NamedTensor> tensors, const Metadata& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::uint64_t end = offset + tensor.tensor.values.size_bytes();
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.tensor.shape.sizes()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  return text;
}

std::array<std::byte, kLengthBytes> length_bytes(std::uint64_t length) {
  std::array<std::byte, kLengthBytes> bytes{};
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  for (const NamedTensor& tensor : tensors) {
    require(static_cast<std::size_t>(tensor.tensor.shape.elements()) == tensor.tensor.values.size(),
            "tensor {}: {} values do not fill the shape {}", tensor.name,
            tensor.tensor.values.size(), tensor.tensor.shape.text());
  }
  const std::string header = header_text(tensors, metadata);
  AtomicFile file(path);
  file.write(length_bytes(header.size()));
  file.write(header);
  for (const NamedTensor& tensor : tensors) file.write(std::as_bytes(tensor.tensor.values));
  file.commit();
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : name_(one_line(path.string())),
      file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  require(file_.open(), "cannot open {}: {}", name_, std::strerror(errno));
  struct stat status {};
  require(::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode),
          "{} is not a file; valid: a .safetensors file", name_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  require(size >= kLengthBytes, "{} is no safetensors file: {} bytes are too few", name_, size);

  std::uint64_t length = 0;
  read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  require(length <= kMostHeaderBytes && length <= size - kLengthBytes,
          "{} is no safetensors file: its header of {} bytes cannot be (the file has {})", name_,
          length, size);
  std::string json(length, '\0');
  read_at(kLengthBytes, std::as_writable_bytes(std::span(json)));
  data_begin_ = kLengthBytes + length;
  header_ = parse_safetensors_header(json, size - data_begin_, name_);
}

const TensorEntry* SafetensorsFile::find(std::string_view tensor) const {
  const auto found = std::find_if(tensors().begin(), tensors().end(),
                                  [&](const TensorEntry& entry) { return entry.name == tensor; });
  return found == tensors().end() ? nullptr : &*found;
}

void SafetensorsFile::read(const TensorEntry& entry, std::span<float> to) const {
  require(to.size_bytes() == entry.end - entry.begin, "{}: {} has shape {}, not {} values", name_,
          one_line(entry.name), entry.shape.text(), to.size());
  read_at(data_begin_ + entry.begin, std::as_writable_bytes(to));
}

void SafetensorsFile::read_at(std::uint64_t offset, std::span<std::byte> to) const {
  while (!to.empty()) {
    const ssize_t got = ::pread(file_.get(), to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    require(got >= 0, "cannot read {}: {}", name_, std::strerror(errno));
    require(got > 0, "cannot read {}: it became shorter", name_);
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace sluice::io
