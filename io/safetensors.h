// Named f32 tensors and string metadata in one file, in the safetensors format
// (github.com/huggingface/safetensors, "Format"): 8 bytes of header length, little endian; a JSON
// header; the tensors, without holes. Files of ours carry a checksum in their metadata:
// "sluice.checksum", XXH3 of the whole file with sixteen zeros in its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/atomic_file.h"
#include "io/input_file.h"
#include "runtime/error.h"
#include "runtime/tensor.h"

namespace sluice::io {

class FileChecksum;

// Values must be UTF-8 (`percent_encoded` makes any bytes so).
using Metadata = std::map<std::string, std::string>;

// A tensor to write; refers to the caller's values.
struct NamedTensor {
  std::string name;
  ConstTensorView tensor;
};

// A tensor that a file is going to have.
struct TensorSpec {
  std::string name;
  Shape shape;
};

// Writes a file tensor by tensor, so that nobody needs all of them in memory at once; whole or not
// at all (atomic_file.h). A full disk is Error{run}. One thread.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const std::filesystem::path& path, std::span<const TensorSpec> tensors,
                    const Metadata& metadata);
  ~SafetensorsWriter();
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  // The next tensor in the order that was announced.
  void add(std::span<const float> values);
  // After the last one.
  void commit();

 private:
  void write(std::span<const std::byte> bytes);

  AtomicFile file_;
  std::vector<TensorSpec> tensors_;
  std::size_t added_ = 0;
  std::uint64_t checksum_at_ = 0;
  std::unique_ptr<FileChecksum> checksum_;
};

// The same in one call.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata);

// A tensor in a file: where its bytes lie, from the start of the data.
struct TensorEntry {
  std::string name;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// The header's JSON as values; throws Error{usage} for anything that the format does not allow.
// `data_bytes`: what follows the header. `file`: the name in messages.
struct SafetensorsHeader {
  Metadata metadata;
  std::vector<TensorEntry> tensors;  // in the order of their data
};
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes,
                                           const std::string& file);

// An open file whose header has been checked against the file's size before anything was allocated
// for its tensors. Any thread may read. Every failure is Error{usage} that names the file.
class SafetensorsFile {
 public:
  static constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the official reader's limit

  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::string& name() const { return file_.name(); }
  const Metadata& metadata() const { return header_.metadata; }
  const std::vector<TensorEntry>& tensors() const { return header_.tensors; }
  const TensorEntry* find(std::string_view tensor) const;  // null: the file has no such tensor

  // `to` must have the shape's number of elements.
  void read(const TensorEntry& entry, std::span<float> to) const;

  // Reads the whole file and throws when it is not what its checksum says. A file of somebody
  // else, without a checksum, passes.
  void verify() const;
  bool has_checksum() const { return checksum_.has_value(); }

 private:
  InputFile file_;
  std::uint64_t data_begin_ = 0;
  SafetensorsHeader header_;  // its metadata without the checksum
  std::optional<std::string> checksum_;
};

}  // namespace sluice::io
