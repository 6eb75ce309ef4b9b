// Reads the header token by token and keeps only what the format allows, so that a hostile header
// costs no more memory than its own size.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "io/safetensors.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::size_t kMostAxes = 16;
// Of tensors, and of metadata's keys: what is kept of each takes some hundred bytes, its text ten.
constexpr std::size_t kMostNames = 100'000;

// One tensor's object, as far as it has been read.
struct Draft {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<std::vector<std::uint64_t>> offsets;
};

// What nlohmann's parser calls; every function returns true to go on. Stops by Error{usage}.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}

  Metadata metadata;
  std::vector<Draft> drafts;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a fraction"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (numbers_ == nullptr || numbers_->size() >= kMostAxes) return unexpected("a number");
    numbers_->push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (depth_ != 2 || numbers_ != nullptr) return unexpected("a string");
    if (in_metadata_) {
      metadata[field_] = value;
    } else if (field_ == "dtype") {
      drafts.back().dtype = value;
    } else {
      return unexpected("a string");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ >= 2 || (depth_ == 1 && numbers_ != nullptr)) return unexpected("an object");
    ++depth_;
    fields_.clear();
    return true;
  }

  bool end_object() override {
    --depth_;
    return true;
  }

  bool key(string_t& name) override {
    std::set<std::string>& seen = depth_ == 1 ? names_ : fields_;
    require(seen.size() < kMostNames, "{}: the header has more than {} names, the limit", file_,
            kMostNames);
    require(seen.insert(name).second, "{}: the header names '{}' twice", file_, one_line(name));
    if (depth_ == 2) {
      field_ = name;
      return true;
    }
    in_metadata_ = name == "__metadata__";
    if (!in_metadata_) drafts.push_back({.name = name, .dtype = {}, .shape = {}, .offsets = {}});
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || in_metadata_ || numbers_ != nullptr) return unexpected("a list");
    if (field_ != "shape" && field_ != "data_offsets") return unexpected("a list");
    Draft& draft = drafts.back();
    numbers_ = &(field_ == "shape" ? draft.shape : draft.offsets).emplace();
    return true;
  }

  bool end_array() override {
    numbers_ = nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    fail(ErrorKind::usage, "{} is no safetensors file: its header is not JSON at byte {}", file_,
         position + 7);  // the parser counts from 1, the header starts at 8
  }

 private:
  bool unexpected(std::string_view what) const {
    fail(ErrorKind::usage, "{} is no safetensors file: its header has {} at or behind '{}'", file_,
         what, drafts.empty() ? "__metadata__" : one_line(drafts.back().name));
  }

  const std::string& file_;
  int depth_ = 0;
  bool in_metadata_ = false;
  std::string field_;
  std::set<std::string> names_, fields_;
  std::vector<std::uint64_t>* numbers_ = nullptr;  // the list that is being read
};

// Bytes of f32s of a shape; nothing where they do not fit 63 bits. Nor may they without its zeros,
// so that sizes can be multiplied in any order.
std::optional<std::uint64_t> bytes_of(const std::vector<std::uint64_t>& shape) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t bytes = sizeof(float);
  for (const std::uint64_t size : shape) {
    if (size > kMost / bytes) return std::nullopt;
    bytes *= std::max<std::uint64_t>(size, 1);
  }
  return std::find(shape.begin(), shape.end(), 0U) == shape.end() ? bytes : 0;
}

TensorEntry checked(const Draft& draft, std::uint64_t data_bytes, const std::string& file) {
  const std::string name = one_line(draft.name);
  require(draft.dtype && draft.shape && draft.offsets && draft.offsets->size() == 2,
          "{}: tensor {} lacks dtype, shape or data_offsets", file, name);
  require(*draft.dtype == "F32", "{}: tensor {} is {}, valid: F32", file, name,
          one_line(*draft.dtype));
  const std::uint64_t begin = (*draft.offsets)[0], end = (*draft.offsets)[1];
  require(
      begin <= end && end <= data_bytes,
      "{}: tensor {} lies at bytes {} to {} of {}: the file is cut short or its header is wrong",
      file, name, begin, end, data_bytes);
  require(bytes_of(*draft.shape) == end - begin,
          "{}: the shape of tensor {} does not fill its {} bytes", file, name, end - begin);
  std::vector<std::int64_t> sizes(draft.shape->begin(), draft.shape->end());
  return {draft.name, Shape(std::move(sizes)), begin, end};
}

void require_no_holes(const std::vector<TensorEntry>& tensors, std::uint64_t data_bytes,
                      const std::string& file) {
  std::uint64_t expected = 0;
  for (const TensorEntry& entry : tensors) {
    require(entry.begin == expected,
            "{}: tensor {} starts at byte {}, not at {}: data overlap or have holes", file,
            one_line(entry.name), entry.begin, expected);
    expected = entry.end;
  }
  require(expected == data_bytes, "{}: {} bytes follow the last tensor", file,
          data_bytes - expected);
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes,
                                           const std::string& file) {
  require(json.starts_with('{'), "{} is no safetensors file: its header is not a JSON object",
          file);
  HeaderReader reader(file);
  nlohmann::json::sax_parse(json, &reader);
  SafetensorsHeader header{std::move(reader.metadata), {}};
  for (const Draft& draft : reader.drafts)
    header.tensors.push_back(checked(draft, data_bytes, file));
  std::sort(header.tensors.begin(), header.tensors.end(), [](const auto& a, const auto& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  require_no_holes(header.tensors, data_bytes, file);
  return header;
}

}  // namespace sluice::io
