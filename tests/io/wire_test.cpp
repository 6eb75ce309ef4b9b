#include "io/wire.h"

#include <limits>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::thrown;
using namespace std::string_literals;

namespace {

WireReader reader_of(const std::string& bytes) { return {std::as_bytes(std::span(bytes)), "file"}; }

}  // namespace

TEST_CASE("fields read back as they were written", "[io][wire]") {
  WireWriter inner, message;
  inner.text(4, "name");
  message.integer(1, std::numeric_limits<std::int64_t>::max());
  message.integer(2, -1);
  message.real(100, 0.5F);
  message.message(200'000, inner);
  message.integers(3, std::vector<std::int64_t>{0, 127, 128, 1'000'000});
  WireReader reader = reader_of(message.bytes());
  CHECK(static_cast<std::int64_t>(reader.next()->value) ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(static_cast<std::int64_t>(reader.next()->value) == -1);
  std::vector<float> floats;
  add_floats(*reader.next(), "file", floats);
  CHECK(floats == std::vector<float>{0.5F});
  const auto nested = reader.next();
  CHECK(nested->number == 200'000);
  CHECK(WireReader(nested->bytes, "file").next()->text() == "name");
  std::vector<std::int64_t> integers;
  add_integers(*reader.next(), "file", integers);
  CHECK(integers == std::vector<std::int64_t>{0, 127, 128, 1'000'000});
  CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("known bytes of the format are what they should be", "[io][wire]") {
  WireWriter message;  // the examples of the format's description
  message.integer(1, 150);
  message.text(2, "testing");
  CHECK(message.bytes() == "\x08\x96\x01\x12\x07testing"s);
  std::vector<float> floats;
  add_floats({.number = 5, .kind = WireField::Kind::fixed32, .value = 0x3F800000}, "file", floats);
  CHECK(floats == std::vector<float>{1.0F});
}

TEST_CASE("a begun field takes the bytes that are written behind it", "[io][wire]") {
  WireWriter message;
  message.begin_bytes(9, 4);
  const std::string bytes = message.bytes() + "four";
  CHECK(reader_of(bytes).next()->text() == "four");
}

TEST_CASE("damaged messages are refused in one line that names the file", "[io][wire]") {
  for (const std::string& bytes :
       {"\x08"s, "\x08\x80"s,
        "\x12\x05"
        "abc"s,
        "\x0B"s, "\x00"s,
        "\x09"
        "abc"s,
        "\x0D\x01"s, "\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s, std::string(11, '\xFF')}) {
    CHECK_THAT(thrown([&] { reader_of(bytes).next(); }), Contains("2: file is damaged"));
  }
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
  const std::string three = "abc", open = "\x80";
  const WireField field{
      .number = 5, .kind = WireField::Kind::bytes, .bytes = std::as_bytes(std::span(three))};
  CHECK_THAT(thrown([&] { add_floats(field, "file", floats); }), Contains("field 5 holds no f32"));
  CHECK_THAT(thrown([&] {
               add_integers(
                   {.kind = WireField::Kind::bytes, .bytes = std::as_bytes(std::span(open))},
                   "file", integers);
             }),
             Contains("ends inside a number"));
}
