// Protocol buffers' wire format (protobuf.dev/programming-guides/encoding), as far as the messages
// that are read and written here need it: no groups, no packed enumerations, no maps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::io {

// One field of a message: its number, and a number or bytes.
struct WireField {
  enum class Kind : std::uint8_t { varint, fixed64, bytes, fixed32 };
  std::uint32_t number = 0;
  Kind kind = Kind::varint;
  std::uint64_t value = 0;             // of varint, fixed64 and fixed32
  std::span<const std::byte> bytes{};  // of bytes; refers to what was read

  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

// Reads the fields of a message, one after the other, copying nothing. `file`: for messages.
class WireReader {
 public:
  WireReader(std::span<const std::byte> message, std::string_view file)
      : rest_(message), size_(message.size()), file_(file) {}

  // None: the message ends here. Throws Error{usage} where it is damaged.
  std::optional<WireField> next();

 private:
  std::uint64_t varint();
  std::span<const std::byte> take(std::uint64_t count);
  [[noreturn]] void damaged(std::string_view what) const;

  std::span<const std::byte> rest_;
  std::size_t size_;
  std::string_view file_;
};

// The numbers of a repeated field, packed or one by one, appended to what was read of it before.
// Throws Error{usage}.
void add_floats(const WireField& field, std::string_view file, std::vector<float>& to);
void add_integers(const WireField& field, std::string_view file, std::vector<std::int64_t>& to);

// A message in the making.
class WireWriter {
 public:
  void integer(std::uint32_t field, std::int64_t value);
  void real(std::uint32_t field, float value);
  void text(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const WireWriter& value) { text(field, value.bytes_); }
  void integers(std::uint32_t field, std::span<const std::int64_t> values);  // packed
  // The begin of a field of so many bytes, which the caller writes behind this message's own.
  void begin_bytes(std::uint32_t field, std::uint64_t bytes);

  const std::string& bytes() const { return bytes_; }

 private:
  void tag(std::uint32_t field, std::uint32_t kind);
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace sluice::io
