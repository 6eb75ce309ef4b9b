#include "io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "io/file_checksum.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are written as they lie in memory");

constexpr std::size_t kLengthBytes = 8;

std::string header_text(std::span<const TensorSpec> tensors, Metadata metadata) {
  metadata[std::string(kChecksumKey)] = kNoChecksum;
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header["__metadata__"] = std::move(metadata);
  std::uint64_t offset = 0;
  for (const TensorSpec& tensor : tensors) {
    const auto bytes = static_cast<std::uint64_t>(tensor.shape.elements()) * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape.sizes()},
                           {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
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

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     std::span<const TensorSpec> tensors, const Metadata& metadata)
    : file_(path),
      tensors_(tensors.begin(), tensors.end()),
      checksum_(std::make_unique<FileChecksum>()) {
  const std::string header = header_text(tensors, metadata);
  checksum_at_ = kLengthBytes + *checksum_digits(header);
  write(length_bytes(header.size()));
  write(std::as_bytes(std::span(header)));
}

SafetensorsWriter::~SafetensorsWriter() = default;

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  checksum_->add(bytes);
  file_.write(bytes);
}

void SafetensorsWriter::add(std::span<const float> values) {
  require(added_ < tensors_.size(), "a tensor more than the {} that were announced",
          tensors_.size());
  const TensorSpec& spec = tensors_[added_];
  require(static_cast<std::size_t>(spec.shape.elements()) == values.size(),
          "tensor {}: {} values do not fill the shape {}", spec.name, values.size(),
          spec.shape.text());
  write(std::as_bytes(values));
  ++added_;
}

void SafetensorsWriter::commit() {
  require(added_ == tensors_.size(), "{} of {} tensors were given", added_, tensors_.size());
  file_.overwrite(checksum_at_, checksum_->text());
  file_.commit();
}

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  std::vector<TensorSpec> specs;
  for (const NamedTensor& tensor : tensors) {
    require(static_cast<std::size_t>(tensor.tensor.shape.elements()) == tensor.tensor.values.size(),
            "tensor {}: {} values do not fill the shape {}", tensor.name,
            tensor.tensor.values.size(), tensor.tensor.shape.text());
    specs.push_back({tensor.name, tensor.tensor.shape});
  }
  SafetensorsWriter file(path, specs, metadata);
  for (const NamedTensor& tensor : tensors) file.add(tensor.tensor.values);
  file.commit();
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : file_(path, "a .safetensors file") {
  const std::uint64_t size = file_.size();
  require(size >= kLengthBytes, "{} is no safetensors file: {} bytes are too few", name(), size);

  std::uint64_t length = 0;
  file_.read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  require(length <= kMostHeaderBytes && length <= size - kLengthBytes,
          "{} is no safetensors file: its header of {} bytes cannot be (the file has {})", name(),
          length, size);
  std::string json(length, '\0');
  file_.read_at(kLengthBytes, std::as_writable_bytes(std::span(json)));
  data_begin_ = kLengthBytes + length;
  header_ = parse_safetensors_header(json, size - data_begin_, name());
  const auto checksum = header_.metadata.extract(std::string(kChecksumKey));
  if (!checksum.empty()) checksum_ = checksum.mapped();
}

const TensorEntry* SafetensorsFile::find(std::string_view tensor) const {
  const auto found = std::find_if(tensors().begin(), tensors().end(),
                                  [&](const TensorEntry& entry) { return entry.name == tensor; });
  return found == tensors().end() ? nullptr : &*found;
}

void SafetensorsFile::read(const TensorEntry& entry, std::span<float> to) const {
  require(to.size_bytes() == entry.end - entry.begin, "{}: {} has shape {}, not {} values", name(),
          one_line(entry.name), entry.shape.text(), to.size());
  file_.read_at(data_begin_ + entry.begin, std::as_writable_bytes(to));
}

void SafetensorsFile::verify() const {
  if (!checksum_) return;
  FileChecksum checksum;
  std::vector<std::byte> part(std::min<std::uint64_t>(data_begin_, file_.size()));
  file_.read_at(0, part);
  const auto digits = checksum_digits(
      {reinterpret_cast<const char*>(part.data()) + kLengthBytes, part.size() - kLengthBytes});
  if (digits)
    std::memcpy(part.data() + kLengthBytes + *digits, kNoChecksum.data(), kNoChecksum.size());
  checksum.add(part);
  constexpr std::uint64_t kPart = 1 << 20;
  for (std::uint64_t at = data_begin_; at < file_.size(); at += part.size()) {
    part.resize(std::min(kPart, file_.size() - at));
    file_.read_at(at, part);
    checksum.add(part);
  }
  require(checksum.text() == *checksum_, "{} is damaged: its checksum does not match", name());
}

}  // namespace sluice::io
