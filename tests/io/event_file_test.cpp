// Event files, read by a reader that shares nothing with the writer.
#include "io/event_file.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "io/tensorboard.h"
#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using Catch::Matchers::Contains;
using test::TempFolder;

std::uint64_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;)
    number = number * 256 + static_cast<unsigned char>(bytes.at(at + i));
  return number;
}

// Bit by bit, from RFC 3720's polynomial.
std::uint32_t slow_crc(const std::string& bytes) {
  std::uint32_t rest = 0xFFFFFFFF;
  for (const char c : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const std::uint32_t in = static_cast<unsigned char>(c) >> bit & 1U;
      const std::uint32_t out = (rest ^ in) & 1U;
      rest = rest >> 1 ^ (out == 1 ? 0x82F63B78U : 0U);
    }
  }
  return ~rest;
}

std::uint32_t masked(const std::string& bytes) {
  const std::uint32_t crc = slow_crc(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

// The records of a TFRecord file; a last one that is cut ends it.
std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> records;
  std::size_t at = 0;
  while (at + 12 <= file.size()) {
    const std::uint64_t size = number_at(file, at, 8);
    REQUIRE(number_at(file, at + 8, 4) == masked(file.substr(at, 8)));
    if (at + 12 + size + 4 > file.size()) break;
    const std::string record = file.substr(at + 12, size);
    REQUIRE(number_at(file, at + 12 + size, 4) == masked(record));
    records.push_back(record);
    at += 16 + size;
  }
  return records;
}

// Fields of a protobuf message: numbers as they stand, strings as bytes.
struct Field {
  std::uint64_t number = 0;
  std::string bytes;
};
using Message = std::multimap<std::uint64_t, Field>;

std::uint64_t varint(const std::string& bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
}

Message parse(const std::string& bytes) {
  Message message;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t tag = varint(bytes, at);
    Field field;
    if ((tag & 7) == 0) {
      field.number = varint(bytes, at);
    } else if ((tag & 7) == 2) {
      const std::uint64_t size = varint(bytes, at);
      REQUIRE(at + size <= bytes.size());
      field.bytes = bytes.substr(at, size);
      at += size;
    } else {
      REQUIRE(((tag & 7) == 1 || (tag & 7) == 5));
      const std::size_t size = (tag & 7) == 1 ? 8 : 4;
      field.number = number_at(bytes, at, size);
      at += size;
    }
    message.emplace(tag >> 3, field);
  }
  return message;
}

const Field& the(const Message& message, std::uint64_t field) {
  REQUIRE(message.count(field) == 1);
  return message.find(field)->second;
}

float as_float(std::uint64_t bits) {
  const auto narrow = static_cast<std::uint32_t>(bits);
  float value = 0;
  std::memcpy(&value, &narrow, sizeof value);
  return value;
}

// Tags with their values, of an event's summary.
std::map<std::string, float> scalars_of(const Message& event) {
  std::map<std::string, float> scalars;
  const Message summary = parse(the(event, 5).bytes);
  for (const auto& [number, field] : summary) {
    const Message value = parse(field.bytes);
    scalars[the(value, 1).bytes] = as_float(the(value, 2).number);
  }
  return scalars;
}

std::vector<Message> events_of(const std::filesystem::path& file) {
  std::vector<Message> events;
  for (const std::string& record : records_of(test::text_of(file))) events.push_back(parse(record));
  return events;
}

TEST_CASE("the checksum is Castagnoli's", "[io][events]") {
  const std::string digits = "123456789";
  CHECK(crc32c(std::as_bytes(std::span(digits))) == 0xE3069283U);
  CHECK(slow_crc(digits) == 0xE3069283U);
  const std::vector<std::byte> zeros(32);  // RFC 3720, B.4
  CHECK(crc32c(zeros) == 0x8A9136AAU);
}

TEST_CASE("an event file holds what was added, in order", "[io][events]") {
  const TempFolder folder;
  EventFile file(folder / "tensorboard");
  const std::vector<Scalar> scalars = {{"train/loss", 2.5}, {"train/rate", -0.125}};
  file.add_start(8);
  file.add_scalars(300, scalars);
  file.add_image(0, "sample", {3, 2}, std::as_bytes(std::span("pixels", 6)));
  file.add_text(1, "recipe", "a text");

  const std::vector<Message> events = events_of(file.path());
  REQUIRE(events.size() == 5);
  CHECK(the(events[0], 3).bytes == "brain.Event:2");
  CHECK(the(events[1], 2).number == 8);
  CHECK(the(parse(the(events[1], 7).bytes), 1).number == 1);  // SessionLog.START
  CHECK(the(events[2], 2).number == 300);
  CHECK(scalars_of(events[2]) ==
        std::map<std::string, float>{{"train/loss", 2.5F}, {"train/rate", -0.125F}});
  const Message image = parse(the(parse(the(parse(the(events[3], 5).bytes), 1).bytes), 4).bytes);
  CHECK(the(image, 1).number == 2);
  CHECK(the(image, 2).number == 3);
  CHECK(the(image, 4).bytes == "pixels");
  const Message text = parse(the(parse(the(events[4], 5).bytes), 1).bytes);
  CHECK(the(text, 1).bytes == "recipe");
  CHECK(the(parse(the(text, 8).bytes), 1).number == 7);  // DT_STRING
  CHECK(the(parse(the(text, 8).bytes), 8).bytes == "a text");
  CHECK(the(parse(the(parse(the(text, 9).bytes), 1).bytes), 1).bytes == "text");
}

TEST_CASE("two files of one second have two names, and each starts with its version",
          "[io][events]") {
  const TempFolder folder;
  const EventFile one(folder.path());
  const EventFile two(folder.path());
  CHECK(one.path() != two.path());
  for (const EventFile* file : {&one, &two}) {
    CHECK_THAT(file->path().filename().string(),
               Catch::Matchers::StartsWith("events.out.tfevents."));
    CHECK(events_of(file->path()).size() == 1);
  }
}

TEST_CASE("a file that was cut anywhere gives the whole records before the cut", "[io][events]") {
  const TempFolder folder;
  EventFile file(folder.path());
  const std::vector<Scalar> scalars = {{"a", 1.0}};
  for (std::int64_t step = 1; step <= 3; ++step) file.add_scalars(step, scalars);
  const std::string whole = test::text_of(file.path());
  std::size_t before = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::size_t found = records_of(whole.substr(0, size)).size();
    CHECK(found >= before);
    before = found;
  }
  CHECK(before == 4);
}

TEST_CASE("an event file that cannot be made is named", "[io][events]") {
  const TempFolder folder;
  folder.add("here", "a file");
  CHECK_THAT(test::thrown([&] { EventFile(folder / "here"); }),
             Contains("here/events.out.tfevents.") && Contains("Not a directory"));
}

TEST_CASE("of many steps a bounded number is written, the same ones after a resume",
          "[io][events]") {
  std::int64_t written = 0;
  for (std::int64_t step = 1; step <= 1'000'000; ++step) written += step_is_written(step) ? 1 : 0;
  CHECK(written > 5000);
  CHECK(written < 6500);
  for (std::int64_t step = 1; step <= 1000; ++step) CHECK(step_is_written(step));
  CHECK_FALSE(step_is_written(1001));
  CHECK(step_is_written(1002));
  CHECK_FALSE(step_is_written(2002));
  CHECK(step_is_written(2004));
}

std::filesystem::path only_file(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry);
  REQUIRE(files.size() == 1);
  return files[0];
}

TEST_CASE("a log makes its file with the first thing that is written", "[io][events]") {
  const TempFolder folder;
  TensorboardLog log(folder / "tensorboard", 40);
  CHECK_FALSE(std::filesystem::exists(folder / "tensorboard"));
  log.add_step({.step = 41,
                .epoch = 2,
                .images = 328,
                .loss = 1.5,
                .learning_rate = 0.25,
                .images_per_second = 64});
  log.add_step({.step = 42,
                .epoch = 2,
                .images = 336,
                .loss = std::nullopt,
                .learning_rate = 0.25,
                .images_per_second = 64});
  log.add_epoch({.epoch = 2, .train_loss = 1.25, .val_top1 = 0.5, .seconds = 3}, 42);
  const std::vector<Message> events = events_of(only_file(folder / "tensorboard"));
  REQUIRE(events.size() == 5);
  CHECK(the(events[1], 2).number == 41);  // what older files say of step 41 and later is void
  CHECK(scalars_of(events[2]).at("train/loss") == 1.5F);
  CHECK(scalars_of(events[3]).count("train/loss") == 0);
  CHECK(scalars_of(events[4]).at("validation/top1") == 50.0F);
  CHECK(scalars_of(events[4]).count("validation/top5") == 0);
}

}  // namespace
}  // namespace sluice::io
