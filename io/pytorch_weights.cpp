#include "io/pytorch_weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "io/float_types.h"
#include "io/pickle.h"
#include "io/text.h"
#include "io/zip_archive.h"

namespace sluice::io {
namespace {

using Kind = PickleValue::Kind;

constexpr std::string_view kValid =
    "a state dict of tensors, as torch.save(model.state_dict(), FILE) writes it";
constexpr std::size_t kMostAxes = 16;
constexpr std::size_t kMostTensors = 10'000;

constexpr std::string_view kRebuildTensor = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils _rebuild_parameter";
constexpr std::string_view kSize = "torch Size";
constexpr std::array<std::string_view, 14> kNames = {
    "collections OrderedDict", kRebuildTensor,
    kRebuildParameter,         "torch FloatStorage",
    "torch HalfStorage",       "torch BFloat16Storage",
    "torch DoubleStorage",     "torch LongStorage",
    "torch IntStorage",        "torch ShortStorage",
    "torch CharStorage",       "torch ByteStorage",
    "torch BoolStorage",       kSize};

std::optional<FloatType> float_type(std::string_view storage) {
  if (storage == "torch FloatStorage") return FloatType::f32;
  if (storage == "torch HalfStorage") return FloatType::f16;
  if (storage == "torch BFloat16Storage") return FloatType::bf16;
  if (storage == "torch DoubleStorage") return FloatType::f64;
  return std::nullopt;
}

// A tensor's place: element (i, j, ...) lies at offset + i strides[0] + j strides[1] + ...
struct StoredTensor {
  std::string name;
  FloatType type = FloatType::f32;
  const ZipEntry* entry = nullptr;
  std::uint64_t offset = 0;  // all in elements
  std::vector<std::int64_t> sizes{};
  std::vector<std::int64_t> strides{};
  std::uint64_t elements = 1;
  std::uint64_t reach = 0;  // elements from the first to behind the last
};

// The pickle of an archive as tensors.
class StateDict {
 public:
  StateDict(const ZipArchive& archive, std::string folder, Pickle pickle)
      : archive_(archive), folder_(std::move(folder)), pickle_(std::move(pickle)) {}

  std::vector<StoredTensor> tensors() const {
    const PickleValue& dict = state_dict();
    require(dict.items.size() / 2 <= kMostTensors, "{} has {} tensors; valid: at most {}", file(),
            dict.items.size() / 2, kMostTensors);
    std::vector<StoredTensor> tensors;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = pickle_[dict.items[i]];
      require(key.kind == Kind::text, "{}: a key that is no text; valid: {}", file(), kValid);
      require(seen.insert(key.text).second, "{} has {} twice", file(), one_line(key.text));
      tensors.push_back(tensor(key.text, pickle_[dict.items[i + 1]]));
    }
    require(!tensors.empty(), "{} holds no tensor; valid: {}", file(), kValid);
    return tensors;
  }

 private:
  const std::string& file() const { return archive_.file().name(); }

  const PickleValue& state_dict() const {
    const PickleValue& root = pickle_[pickle_.root];
    require(root.kind == Kind::dictionary, "{} holds no dictionary; valid: {}", file(), kValid);
    for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
      const PickleValue& key = pickle_[root.items[i]];
      const PickleValue& value = pickle_[root.items[i + 1]];
      const bool inner =
          key.kind == Kind::text && (key.text == "state_dict" || key.text == "model");
      if (inner && value.kind == Kind::dictionary) return value;
    }
    return root;
  }

  // Arguments of a call of `name`; null: it is something else.
  const PickleValue* arguments_of(const PickleValue& value, std::string_view name) const {
    if (value.kind != Kind::call || pickle_[value.items[0]].text != name) return nullptr;
    return &pickle_[value.items[1]];
  }

  [[noreturn]] void wrong(std::string_view name, std::string_view what) const {
    fail(ErrorKind::usage, "{}: {} {}; valid: {}", file(), one_line(name), what, kValid);
  }

  StoredTensor tensor(const std::string& name, const PickleValue& value) const {
    if (const PickleValue* const wrapped = arguments_of(value, kRebuildParameter)) {
      if (wrapped->items.empty()) wrong(name, "is no tensor");
      return plain_tensor(name, pickle_[wrapped->items[0]]);
    }
    return plain_tensor(name, value);
  }

  // _rebuild_tensor_v2(storage, offset, sizes, strides, ...)
  StoredTensor plain_tensor(const std::string& name, const PickleValue& value) const {
    const PickleValue* const arguments = arguments_of(value, kRebuildTensor);
    if (arguments == nullptr || arguments->items.size() < 4) wrong(name, "is no tensor");
    const PickleValue& offset = pickle_[arguments->items[1]];
    if (offset.kind != Kind::integer || offset.integer < 0) wrong(name, "lies at no place");
    StoredTensor tensor{.name = name,
                        .offset = static_cast<std::uint64_t>(offset.integer),
                        .sizes = numbers(name, pickle_[arguments->items[2]]),
                        .strides = numbers(name, pickle_[arguments->items[3]])};
    take_storage(tensor, pickle_[arguments->items[0]]);
    check_reach(tensor);
    return tensor;
  }

  // A tuple, or torch.Size of one.
  std::vector<std::int64_t> numbers(const std::string& name, const PickleValue& value) const {
    const PickleValue* const wrapped = arguments_of(value, kSize);
    const bool one = wrapped != nullptr && wrapped->items.size() == 1;
    return numbers_in(name, one ? pickle_[wrapped->items[0]] : value);
  }

  std::vector<std::int64_t> numbers_in(const std::string& name, const PickleValue& tuple) const {
    if (tuple.kind != Kind::tuple || tuple.items.size() > kMostAxes) wrong(name, "has no shape");
    std::vector<std::int64_t> values;
    for (const std::uint32_t item : tuple.items) {
      const PickleValue& value = pickle_[item];
      if (value.kind != Kind::integer || value.integer < 0) wrong(name, "has no shape");
      values.push_back(value.integer);
    }
    return values;
  }

  // ("storage", type, key, device, elements), the bytes at data/KEY.
  void take_storage(StoredTensor& tensor, const PickleValue& value) const {
    if (value.kind != Kind::stored) wrong(tensor.name, "has no storage");
    const PickleValue& id = pickle_[value.items[0]];
    if (id.kind != Kind::tuple || id.items.size() < 5) wrong(tensor.name, "has no storage");
    const PickleValue& type = pickle_[id.items[1]];
    const PickleValue& key = pickle_[id.items[2]];
    if (type.kind != Kind::name || key.kind != Kind::text) wrong(tensor.name, "has no storage");
    const auto known = float_type(type.text);
    require(known.has_value(), "{}: {} is a {}; valid: float, half, bfloat16 or double", file(),
            one_line(tensor.name), one_line(type.text));
    tensor.type = *known;
    tensor.entry = archive_.find(folder_ + "data/" + key.text);
    require(tensor.entry != nullptr, "{}: entry {}data/{} of {} is missing", file(),
            one_line(folder_), one_line(key.text), one_line(tensor.name));
  }

  // Everything inside the storage, and no more values than it has: nothing is allocated for more.
  void check_reach(StoredTensor& tensor) const {
    const std::uint64_t held = tensor.entry->size / bytes_of(tensor.type);
    bool fits = tensor.strides.size() == tensor.sizes.size() && tensor.offset <= held;
    std::uint64_t last = tensor.offset;
    const bool empty = std::ranges::find(tensor.sizes, 0) != tensor.sizes.end();
    for (std::size_t axis = 0; fits && !empty && axis < tensor.sizes.size(); ++axis) {
      const auto size = static_cast<std::uint64_t>(tensor.sizes[axis]);
      const auto stride = static_cast<std::uint64_t>(tensor.strides[axis]);
      fits = size <= held / tensor.elements &&
             (size == 1 || stride == 0 || size - 1 <= (held - last) / stride);
      if (!fits) break;
      tensor.elements *= size;
      last += size == 1 ? 0 : (size - 1) * stride;
    }
    require(fits && !empty && last < held,
            "{}: {} lies outside of the {} values of its storage {}: the file is damaged", file(),
            one_line(tensor.name), held, one_line(tensor.entry->name));
    tensor.reach = last - tensor.offset + 1;
  }

  const ZipArchive& archive_;
  std::string folder_;  // "archive/"
  Pickle pickle_;
};

float value_at(std::span<const std::byte> bytes, FloatType type, std::uint64_t index) {
  const std::byte* const at = bytes.data() + index * bytes_of(type);
  const auto as = [&](auto value) {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  switch (type) {
    case FloatType::f16:
      return from_f16(as(std::uint16_t{}));
    case FloatType::bf16:
      return from_bf16(as(std::uint16_t{}));
    case FloatType::f32:
      return as(float{});
    case FloatType::f64:
      break;
  }
  return static_cast<float>(as(double{}));
}

bool is_contiguous(const StoredTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t axis = tensor.sizes.size(); axis-- > 0;) {
    if (tensor.sizes[axis] != 1 && tensor.strides[axis] != expected) return false;
    expected *= tensor.sizes[axis];
  }
  return true;
}

// Values in the order of their indices, the last axis fastest.
void gather(const StoredTensor& tensor, std::span<const std::byte> bytes, std::span<float> to) {
  std::vector<std::int64_t> index(tensor.sizes.size(), 0);
  std::uint64_t at = 0;
  for (float& value : to) {
    value = value_at(bytes, tensor.type, at);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      const auto stride = static_cast<std::uint64_t>(tensor.strides[axis]);
      at += stride;
      if (++index[axis] < tensor.sizes[axis]) break;
      at -= stride * static_cast<std::uint64_t>(tensor.sizes[axis]);
      index[axis] = 0;
    }
  }
}

void read_tensor(const ZipArchive& archive, const StoredTensor& tensor, std::span<float> to) {
  require(to.size() == tensor.elements, "{}: {} has {} values, {} were asked for",
          archive.file().name(), one_line(tensor.name), tensor.elements, to.size());
  const std::size_t width = bytes_of(tensor.type);
  if (tensor.type == FloatType::f32 && is_contiguous(tensor)) {
    archive.read(*tensor.entry, tensor.offset * width, std::as_writable_bytes(to));
    return;
  }
  std::vector<std::byte> bytes(tensor.reach * width);
  archive.read(*tensor.entry, tensor.offset * width, bytes);
  gather(tensor, bytes, to);
}

// PyTorch's folder is the archive's name; its pickle is the one entry "FOLDER/data.pkl".
std::string folder_of(const ZipArchive& archive) {
  constexpr std::string_view kPickle = "data.pkl";
  for (const ZipEntry& entry : archive.entries()) {
    const std::size_t slash = entry.name.find('/');
    if (slash != std::string::npos && entry.name.substr(slash + 1) == kPickle)
      return entry.name.substr(0, slash + 1);
  }
  fail(ErrorKind::usage, "{} is an archive without a {}; valid: {}", archive.file().name(), kPickle,
       kValid);
}

void check_byte_order(const ZipArchive& archive, const std::string& folder) {
  const ZipEntry* const entry = archive.find(folder + "byteorder");
  if (entry == nullptr) return;  // written before there was one: little
  constexpr std::string_view kLittle = "little";
  std::array<std::byte, kLittle.size()> bytes{};
  bool little = entry->size == kLittle.size();
  if (little) archive.read(*entry, 0, bytes);
  little = little && std::memcmp(bytes.data(), kLittle.data(), kLittle.size()) == 0;
  require(little, "{}: its numbers are not little endian; valid: little", archive.file().name());
}

Pickle pickle_of(const ZipArchive& archive, const std::string& folder) {
  const ZipEntry& entry = *archive.find(folder + "data.pkl");
  require(entry.size <= kMostPickleBytes, "{}: entry {} has {} bytes; valid: at most {}",
          archive.file().name(), one_line(entry.name), entry.size, kMostPickleBytes);
  std::vector<std::byte> bytes(entry.size);
  archive.read(entry, 0, bytes);
  return read_pickle(
      {.bytes = bytes, .file = archive.file().name(), .valid = kValid, .names = kNames});
}

void strip_module(std::vector<StoredTensor>& tensors) {
  constexpr std::string_view kModule = "module.";
  const bool all = std::ranges::all_of(
      tensors, [&](const StoredTensor& tensor) { return tensor.name.starts_with(kModule); });
  if (!all) return;
  for (StoredTensor& tensor : tensors) tensor.name.erase(0, kModule.size());
}

struct OpenArchive {
  ZipArchive archive;
  std::vector<StoredTensor> tensors{};
};

}  // namespace

ForeignWeights open_pytorch_weights(const std::filesystem::path& path) {
  InputFile file(path, "a .pth or .pt file");
  require(ZipArchive::looks_like(file),
          "{} is no archive of PyTorch 1.6 or later; save an older file anew: "
          "torch.save(torch.load(OLD, weights_only=True), NEW)",
          file.name());
  const auto open =
      std::make_shared<OpenArchive>(OpenArchive{.archive = ZipArchive(std::move(file))});
  const std::string folder = folder_of(open->archive);
  check_byte_order(open->archive, folder);
  open->tensors = StateDict(open->archive, folder, pickle_of(open->archive, folder)).tensors();
  strip_module(open->tensors);
  ForeignWeights weights{.file = open->archive.file().name(), .tensors = {}, .read = {}};
  for (const StoredTensor& tensor : open->tensors)
    weights.tensors.push_back({tensor.name, Shape(tensor.sizes)});
  weights.read = [open](std::size_t index, std::span<float> to) {
    read_tensor(open->archive, open->tensors[index], to);
  };
  return weights;
}

}  // namespace sluice::io
