#include "io/wire.h"

#include <cstring>

#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

}  // namespace

void WireReader::damaged(std::string_view what) const {
  fail(ErrorKind::usage, "{} is damaged: {} at byte {} of a message of {}", file_, what,
       size_ - rest_.size(), size_);
}

std::span<const std::byte> WireReader::take(std::uint64_t count) {
  if (count > rest_.size()) damaged("a field that is longer than the rest");
  const auto bytes = rest_.first(count);
  rest_ = rest_.subspan(count);
  return bytes;
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (std::uint32_t shift = 0; shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(take(1).front());
    value |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  damaged("a number of more than 64 bits");
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = varint();
  const std::uint64_t number = tag >> 3U;
  if (number == 0 || number >= (1U << 29U)) damaged("a field without a number");
  WireField field{.number = static_cast<std::uint32_t>(number)};
  switch (tag & 7U) {
    case kVarint:
      field.kind = WireField::Kind::varint;
      field.value = varint();
      return field;
    case kFixed64:
      field.kind = WireField::Kind::fixed64;
      field.value = little_endian(take(8));
      return field;
    case kBytes:
      field.kind = WireField::Kind::bytes;
      field.bytes = take(varint());
      return field;
    case kFixed32:
      field.kind = WireField::Kind::fixed32;
      field.value = little_endian(take(4));
      return field;
    default:
      damaged("a field of an unknown kind");
  }
}

void add_floats(const WireField& field, std::string_view file, std::vector<float>& to) {
  float value = 0.0F;
  if (field.kind == WireField::Kind::fixed32) {
    std::memcpy(&value, &field.value, sizeof value);
    to.push_back(value);
    return;
  }
  require(field.kind == WireField::Kind::bytes && field.bytes.size() % sizeof value == 0,
          "{} is damaged: field {} holds no f32 numbers", file, field.number);
  const std::size_t before = to.size();
  to.resize(before + field.bytes.size() / sizeof value);
  std::memcpy(to.data() + before, field.bytes.data(), field.bytes.size());
}

void add_integers(const WireField& field, std::string_view file, std::vector<std::int64_t>& to) {
  if (field.kind == WireField::Kind::varint) {
    to.push_back(static_cast<std::int64_t>(field.value));
    return;
  }
  require(field.kind == WireField::Kind::bytes, "{} is damaged: field {} holds no whole numbers",
          file, field.number);
  for (std::span<const std::byte> rest = field.bytes; !rest.empty();) {
    std::uint64_t value = 0;
    std::uint32_t shift = 0;
    bool more = true;
    while (more) {
      require(!rest.empty() && shift < 64, "{} is damaged: field {} ends inside a number", file,
              field.number);
      const auto byte = std::to_integer<std::uint64_t>(rest.front());
      rest = rest.subspan(1);
      value |= (byte & 0x7FU) << shift;
      shift += 7;
      more = (byte & 0x80U) != 0;
    }
    to.push_back(static_cast<std::int64_t>(value));
  }
}

void WireWriter::varint(std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
  bytes_ += static_cast<char>(value);
}

void WireWriter::tag(std::uint32_t field, std::uint32_t kind) {
  varint(std::uint64_t{field} << 3U | kind);
}

void WireWriter::integer(std::uint32_t field, std::int64_t value) {
  tag(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
}

void WireWriter::real(std::uint32_t field, float value) {
  tag(field, kFixed32);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void WireWriter::text(std::uint32_t field, std::string_view value) {
  begin_bytes(field, value.size());
  bytes_ += value;
}

void WireWriter::begin_bytes(std::uint32_t field, std::uint64_t bytes) {
  tag(field, kBytes);
  varint(bytes);
}

void WireWriter::integers(std::uint32_t field, std::span<const std::int64_t> values) {
  WireWriter packed;
  for (const std::int64_t value : values) packed.varint(static_cast<std::uint64_t>(value));
  text(field, packed.bytes_);
}

}  // namespace sluice::io
