#include "io/foreign_weights.h"

#include <array>
#include <cstring>
#include <memory>

#include "io/caffe_weights.h"
#include "io/input_file.h"
#include "io/pytorch_weights.h"
#include "io/statistics_text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::string_view kValid =
    "safetensors, PyTorch's .pth or .pt, Caffe's .caffemodel (--format says which)";

ForeignWeights open_safetensors_weights(const std::filesystem::path& path) {
  const auto file = std::make_shared<const SafetensorsFile>(path);
  file->verify();
  ForeignWeights weights{.file = file->name(), .tensors = {}, .read = {}};
  std::vector<const TensorEntry*> entries;
  for (const TensorEntry& entry : file->tensors()) {
    if (entry.name.starts_with(kStatisticsPrefix)) continue;  // our own files': no part of the net
    weights.tensors.push_back({entry.name, entry.shape});
    entries.push_back(&entry);
  }
  weights.read = [file, entries](std::size_t index, std::span<float> to) {
    file->read(*entries[index], to);
  };
  return weights;
}

}  // namespace

std::string_view foreign_format_name(ForeignFormat format) {
  if (format == ForeignFormat::safetensors) return "safetensors";
  return format == ForeignFormat::pytorch ? "pytorch" : "caffe";
}

ForeignFormat foreign_format(const std::filesystem::path& path) {
  const InputFile file(path, kValid);
  std::array<char, 9> begin{};
  require(file.size() >= begin.size(), "{} is too short to hold weights; valid: {}", file.name(),
          kValid);
  file.read_at(0, std::as_writable_bytes(std::span(begin)));
  const std::string_view bytes(begin.data(), begin.size());
  // First: the number that such a file begins with may well look like one of the others.
  std::uint64_t header = 0;
  std::memcpy(&header, begin.data(), sizeof header);
  if (bytes.back() == '{' && header <= file.size() - sizeof header)
    return ForeignFormat::safetensors;
  const bool pickle = bytes.starts_with('\x80');  // PyTorch's older format; its reader says so
  if (pickle || bytes.starts_with("PK")) return ForeignFormat::pytorch;
  if (path.extension() == ".caffemodel") return ForeignFormat::caffe;
  fail(ErrorKind::usage, "{} is of no format that can be imported; valid: {}", file.name(), kValid);
}

ForeignWeights open_foreign_weights(const std::filesystem::path& path, ForeignFormat format) {
  if (format == ForeignFormat::pytorch) return open_pytorch_weights(path);
  if (format == ForeignFormat::caffe) return open_caffe_weights(path);
  return open_safetensors_weights(path);
}

}  // namespace sluice::io
