#include "io/caffe_weights.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "io/input_file.h"
#include "io/text.h"
#include "io/wire.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

using Bytes = std::span<const std::byte>;

// Fields of caffe.proto's messages.
namespace net_field {
constexpr std::uint32_t kName = 1, kV1Layer = 2, kLayer = 100;
}
namespace v1_field {
constexpr std::uint32_t kV0 = 1, kName = 4, kBlobs = 6;
}
namespace layer_field {
constexpr std::uint32_t kName = 1, kBlobs = 7;
}
namespace blob_field {
constexpr std::uint32_t kNum = 1, kWidth = 4, kData = 5, kShape = 7, kDoubles = 8;
}
constexpr std::uint32_t kShapeDim = 1;
constexpr std::size_t kMostAxes = 16;
constexpr std::size_t kMostBlobs = 10'000;

bool holds_bytes(const WireField& field) { return field.kind == WireField::Kind::bytes; }

struct Blob {
  std::vector<std::int64_t> sizes;
  Bytes message;
  std::uint64_t values = 0;
};

std::uint64_t values_in(const WireField& field, std::size_t width) {
  return holds_bytes(field) ? field.bytes.size() / width : 1;
}

// The sizes of a BlobShape, behind those of one before it. Looked at before they are unpacked: a
// packed byte becomes eight.
void add_sizes(Bytes message, const std::string& file, const std::string& name,
               std::vector<std::int64_t>& sizes) {
  constexpr std::size_t kMostVarint = 10;
  const auto check = [&](bool few) {
    require(few, "{}: {} has more than {} axes, the limit", file, name, kMostAxes);
  };
  WireReader shape(message, file);
  while (const auto dim = shape.next()) {
    if (dim->number != kShapeDim) continue;
    check(dim->bytes.size() <= kMostAxes * kMostVarint);
    add_integers(*dim, file, sizes);
    check(sizes.size() <= kMostAxes);
  }
}

// Sizes by `shape`, else by the four of older files. What it holds is only counted.
Blob read_blob(Bytes message, const std::string& file, const std::string& name) {
  Blob blob{.sizes = {}, .message = message};
  std::vector<std::int64_t> four(4, 1);
  bool shaped = false;
  WireReader fields(message, file);
  while (const auto field = fields.next()) {
    if (field->number == blob_field::kShape && holds_bytes(*field)) {
      shaped = true;
      add_sizes(field->bytes, file, name, blob.sizes);
    } else if (field->number >= blob_field::kNum && field->number <= blob_field::kWidth) {
      four[field->number - blob_field::kNum] = static_cast<std::int64_t>(field->value);
    } else if (field->number == blob_field::kData) {
      blob.values += values_in(*field, sizeof(float));
    } else if (field->number == blob_field::kDoubles) {
      blob.values += values_in(*field, sizeof(double));
    }
  }
  if (!shaped) blob.sizes = four;
  std::uint64_t product = 1;
  bool fits = true;
  for (const std::int64_t size : blob.sizes) {
    fits = fits && size > 0 && static_cast<std::uint64_t>(size) <= kMostCaffeBytes / product;
    if (fits) product *= static_cast<std::uint64_t>(size);
  }
  require(fits && product == blob.values, "{}: {} holds {} values, which its shape does not take",
          file, name, blob.values);
  return blob;
}

void add_doubles(const WireField& field, const std::string& file, std::vector<float>& to) {
  const auto add = [&](std::uint64_t bits) {
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof value);
    to.push_back(static_cast<float>(value));
  };
  if (field.kind == WireField::Kind::fixed64) return add(field.value);
  require(holds_bytes(field) && field.bytes.size() % sizeof(double) == 0,
          "{} is damaged: field {} holds no f64 numbers", file, field.number);
  for (std::size_t at = 0; at < field.bytes.size(); at += sizeof(double)) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, field.bytes.data() + at, sizeof bits);
    add(bits);
  }
}

// Packed numbers in one piece, as every writer has them, are copied once.
void read_values(const Blob& blob, const std::string& file, std::span<float> to) {
  require(to.size() == blob.values, "{}: a blob of {} values, {} were asked for", file, blob.values,
          to.size());
  std::vector<float> values;
  WireReader fields(blob.message, file);
  while (const auto field = fields.next()) {
    if (field->number == blob_field::kData && holds_bytes(*field) &&
        field->bytes.size() == to.size_bytes()) {
      std::memcpy(to.data(), field->bytes.data(), to.size_bytes());
      return;
    }
    if (field->number == blob_field::kData) add_floats(*field, file, values);
    if (field->number == blob_field::kDoubles) add_doubles(*field, file, values);
  }
  require(values.size() == to.size(), "{} is damaged: a blob of {} values, not {}", file,
          values.size(), to.size());
  std::ranges::copy(values, to.begin());
}

// A layer's name and its blobs, by the numbers of their fields.
struct LayerFields {
  std::uint32_t name;
  std::uint32_t blobs;
};

std::string blob_name(const std::string& layer, std::size_t index) {
  if (index == 0) return layer + ".weight";
  return index == 1 ? layer + ".bias" : layer + '.' + std::to_string(index);
}

class ModelReader {
 public:
  explicit ModelReader(const std::string& file) : file_(file) {}

  void read(Bytes model) {
    WireReader fields(model, file_);
    while (const auto field = fields.next()) {
      if (!holds_bytes(*field)) continue;
      if (field->number == net_field::kName) title = field->text();
      if (field->number == net_field::kV1Layer)
        read_layer(field->bytes, {.name = v1_field::kName, .blobs = v1_field::kBlobs});
      if (field->number == net_field::kLayer)
        read_layer(field->bytes, {.name = layer_field::kName, .blobs = layer_field::kBlobs});
    }
    require(!blobs.empty(),
            "{} holds no layer with weights; valid: a .caffemodel, Caffe's trained net", file_);
  }

  std::string title;
  std::vector<TensorSpec> specs;
  std::vector<Blob> blobs;

 private:
  void read_layer(Bytes message, LayerFields numbers) {
    std::string name;
    std::vector<Bytes> messages;
    WireReader fields(message, file_);
    while (const auto field = fields.next()) {
      const bool v0 = numbers.name == v1_field::kName && field->number == v1_field::kV0;
      require(!v0,
              "{} is in the oldest of Caffe's forms; valid: what Caffe's "
              "upgrade_net_proto_binary makes of it",
              file_);
      if (!holds_bytes(*field)) continue;
      if (field->number == numbers.name) name = field->text();
      if (field->number == numbers.blobs) messages.push_back(field->bytes);
      require(blobs.size() + messages.size() <= kMostBlobs, "{} has more than {} blobs, the limit",
              file_, kMostBlobs);
    }
    if (messages.empty()) return;
    require(names_.insert(name).second, "{} has two layers {} with weights", file_, one_line(name));
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::string tensor = blob_name(name, i);
      blobs.push_back(read_blob(messages[i], file_, one_line(tensor)));
      specs.push_back({tensor, Shape(blobs.back().sizes)});
    }
  }

  const std::string& file_;
  std::set<std::string> names_;
};

// The whole of a file: its messages hold one another.
std::vector<std::byte> read_whole(const InputFile& file) {
  require(file.size() <= kMostCaffeBytes, "{} has {} bytes; valid: at most {}", file.name(),
          file.size(), kMostCaffeBytes);
  std::vector<std::byte> bytes(file.size());
  file.read_at(0, bytes);
  constexpr std::string_view kHdf5 = "\x89HDF";
  const bool hdf5 =
      bytes.size() >= kHdf5.size() && std::memcmp(bytes.data(), kHdf5.data(), kHdf5.size()) == 0;
  require(!hdf5, "{} is an HDF5 file; valid: a snapshot with snapshot_format: BINARYPROTO",
          file.name());
  return bytes;
}

struct OpenModel {
  std::string file;
  std::vector<std::byte> bytes;
  std::vector<Blob> blobs{};
};

}  // namespace

ForeignWeights open_caffe_weights(const std::filesystem::path& path) {
  const InputFile file(path, "a .caffemodel file");
  const auto open =
      std::make_shared<OpenModel>(OpenModel{.file = file.name(), .bytes = read_whole(file)});
  ModelReader reader(open->file);
  reader.read(open->bytes);
  open->blobs = std::move(reader.blobs);
  ForeignWeights weights{.file = open->file,
                         .title = std::move(reader.title),
                         .tensors = std::move(reader.specs),
                         .colours = ColourOrder::bgr,
                         .read = {}};
  weights.read = [open](std::size_t index, std::span<float> to) {
    read_values(open->blobs[index], open->file, to);
  };
  return weights;
}

Statistics read_caffe_mean(const std::filesystem::path& path) {
  const InputFile file(path, "a .binaryproto file");
  const std::vector<std::byte> bytes = read_whole(file);
  const Blob blob = read_blob(bytes, file.name(), "the mean image");
  const bool image = blob.sizes.size() == 4 && blob.sizes[0] == 1 && blob.sizes[1] == 3 &&
                     blob.sizes[2] <= 65'535 && blob.sizes[3] <= 65'535;
  require(image, "{} has shape {}; valid: a mean image of 1x3xHEIGHTxWIDTH", file.name(),
          Shape(blob.sizes).text());
  std::vector<float> planes(blob.values);
  read_values(blob, file.name(), planes);
  const auto pixels = static_cast<std::size_t>(blob.sizes[2] * blob.sizes[3]);
  Statistics statistics{
      .mean_extent = {static_cast<int>(blob.sizes[3]), static_cast<int>(blob.sizes[2])},
      .mean_image = std::vector<float>(planes.size())};
  for (std::size_t colour = 0; colour < 3; ++colour) {
    double sum = 0.0;
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const float value = planes[(2 - colour) * pixels + pixel];
      statistics.mean_image[pixel * 3 + colour] = value;
      sum += static_cast<double>(value);
    }
    statistics.mean_rgb[colour] = sum / static_cast<double>(pixels);
  }
  return statistics;
}

}  // namespace sluice::io
