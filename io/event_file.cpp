#include "io/event_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include "io/atomic_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ ((rest & 1U) != 0 ? 0x82F63B78U : 0U);
    table[i] = rest;
  }
  return table;
}
constexpr auto kCrcTable = crc_table();

// A CRC of bytes that hold their own CRC says nothing, so TFRecord stores it turned and moved.
std::uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(std::as_bytes(std::span(bytes))), 15) + 0xA282EAD8U;
}

template <class Number>
void put_little_endian(std::string& to, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    to += static_cast<char>(number >> (8 * i) & 0xFFU);
}

// Protobuf's wire format: https://protobuf.dev/programming-guides/encoding
enum class Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>((value & 0x7FU) | 0x80U);
  to += static_cast<char>(value);
}

void put_tag(std::string& to, std::uint32_t field, Wire wire) {
  put_varint(to, field << 3 | static_cast<std::uint32_t>(wire));
}

void put_integer(std::string& to, std::uint32_t field, std::int64_t value) {
  put_tag(to, field, Wire::varint);
  put_varint(to, static_cast<std::uint64_t>(value));
}

void put_double(std::string& to, std::uint32_t field, double value) {
  put_tag(to, field, Wire::fixed64);
  put_little_endian(to, std::bit_cast<std::uint64_t>(value));
}

void put_float(std::string& to, std::uint32_t field, float value) {
  put_tag(to, field, Wire::fixed32);
  put_little_endian(to, std::bit_cast<std::uint32_t>(value));
}

void put_bytes(std::string& to, std::uint32_t field, std::string_view bytes) {
  put_tag(to, field, Wire::bytes);
  put_varint(to, bytes.size());
  to += bytes;
}

// Field numbers of tensorflow/core/util/event.proto, framework/summary.proto and tensor.proto.
constexpr std::uint32_t kEventTime = 1, kEventStep = 2, kEventVersion = 3, kEventSummary = 5,
                        kEventSession = 7;
constexpr std::uint32_t kSummaryValue = 1;
constexpr std::uint32_t kValueTag = 1, kValueSimple = 2, kValueImage = 4, kValueTensor = 8,
                        kValueMetadata = 9;
constexpr std::uint32_t kImageHeight = 1, kImageWidth = 2, kImageColours = 3, kImageEncoded = 4;
constexpr std::uint32_t kMetadataPlugin = 1, kPluginName = 1;
constexpr std::uint32_t kTensorType = 1, kTensorShape = 2, kTensorString = 8;
constexpr std::uint32_t kSessionStatus = 1;
constexpr int kStart = 1, kString = 7, kRgb = 3;

std::string event_of(double time) {
  std::string event;
  put_double(event, kEventTime, time);
  return event;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "host";
  std::string text = name.data();
  for (char& c : text)
    if (c == '/') c = '_';
  return text;
}

fs::path file_name(const fs::path& folder, int number) {
  std::string name = fmt::format("events.out.tfevents.{:010}.{}.{}",
                                 static_cast<std::int64_t>(now()), host_name(), ::getpid());
  if (number > 0) name += fmt::format(".{}", number);
  return folder / name;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  std::uint32_t rest = 0xFFFFFFFFU;
  for (const std::byte byte : bytes)
    rest = kCrcTable[(rest ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU] ^ rest >> 8;
  return ~rest;
}

EventFile::EventFile(const fs::path& folder) : path_(file_name(folder, 0)) {
  std::error_code ignored;  // what cannot be made cannot be written to either
  fs::create_directories(folder, ignored);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC;
  for (int number = 0; !file_.open(); ++number) {
    path_ = file_name(folder, number);
    file_ = Descriptor(::open(path_.c_str(), kFlags, 0666));
    if (!file_.open() && errno != EEXIST) fail_with(errno);
  }
  std::string event = event_of(now());
  put_bytes(event, kEventVersion, "brain.Event:2");
  add_record(event);
}

void EventFile::add_start(std::int64_t step) {
  std::string session;
  put_integer(session, kSessionStatus, kStart);
  std::string field;
  put_bytes(field, kEventSession, session);
  add_event(step, field);
}

void EventFile::add_scalars(std::int64_t step, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    put_bytes(value, kValueTag, scalar.tag);
    put_float(value, kValueSimple, static_cast<float>(scalar.value));
    put_bytes(summary, kSummaryValue, value);
  }
  std::string field;
  put_bytes(field, kEventSummary, summary);
  add_event(step, field);
}

void EventFile::add_image(std::int64_t step, std::string_view tag, Extent extent,
                          std::span<const std::byte> encoded) {
  std::string image;
  put_integer(image, kImageHeight, extent.height);
  put_integer(image, kImageWidth, extent.width);
  put_integer(image, kImageColours, kRgb);
  put_bytes(image, kImageEncoded, {reinterpret_cast<const char*>(encoded.data()), encoded.size()});
  std::string value;
  put_bytes(value, kValueTag, tag);
  put_bytes(value, kValueImage, image);
  std::string summary;
  put_bytes(summary, kSummaryValue, value);
  std::string field;
  put_bytes(field, kEventSummary, summary);
  add_event(step, field);
}

void EventFile::add_text(std::int64_t step, std::string_view tag, std::string_view text) {
  std::string plugin;
  put_bytes(plugin, kPluginName, "text");
  std::string metadata;
  put_bytes(metadata, kMetadataPlugin, plugin);
  std::string tensor;  // one string, without dimensions
  put_integer(tensor, kTensorType, kString);
  put_bytes(tensor, kTensorShape, "");
  put_bytes(tensor, kTensorString, text);
  std::string value;
  put_bytes(value, kValueTag, tag);
  put_bytes(value, kValueTensor, tensor);
  put_bytes(value, kValueMetadata, metadata);
  std::string summary;
  put_bytes(summary, kSummaryValue, value);
  std::string field;
  put_bytes(field, kEventSummary, summary);
  add_event(step, field);
}

void EventFile::add_event(std::int64_t step, std::string_view field) {
  std::string event = event_of(now());
  put_integer(event, kEventStep, step);
  event += field;
  add_record(event);
}

void EventFile::add_record(std::string_view event) {
  std::string record;
  put_little_endian(record, std::uint64_t{event.size()});
  put_little_endian(record, masked_crc(record));
  record += event;
  put_little_endian(record, masked_crc(event));
  const int number = write_fully(file_.get(), std::as_bytes(std::span(record)));
  if (number != 0) fail_with(number);
}

void EventFile::sync() {
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL && errno != EROFS) fail_with(errno);
}

void EventFile::fail_with(int number) const {
  fail(ErrorKind::run, "cannot write {}: {}", one_line(path_.string()), std::strerror(number));
}

}  // namespace sluice::io
