#include "io/exif.h"

#include <string_view>

#include "tests/io/jpeg_fixture.h"
#include "tests/support/catch.h"

using namespace sluice::io;
using namespace std::string_view_literals;

namespace {

int read(std::string_view text) { return exif_orientation(std::as_bytes(std::span(text))); }

}  // namespace

TEST_CASE("the orientation is read in both byte orders", "[io][exif]") {
  CHECK(read("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"sv) == 6);
  CHECK(read("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0"sv) == 8);
  // Another tag first, and the value as a 32-bit number.
  CHECK(read("Exif\0\0II*\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x01\0\0\0\0\0\0\0"
             "\x12\x01\x04\0\x01\0\0\0\x03\0\0\0"sv) == 3);
}

TEST_CASE("a block without a valid orientation has none", "[io][exif]") {
  CHECK(read(""sv) == 0);
  CHECK(read("http://ns.adobe.com/xap/1.0/\0"sv) == 0);
  CHECK(read("Exif\0\0XX*\0\x08\0\0\0"sv) == 0);
  CHECK(read("Exif\0\0MM\0*\xFF\xFF\xFF\xFF"sv) == 0);    // a directory far outside
  CHECK(read("Exif\0\0MM\0*\0\0\0\x08\xFF\xFF"sv) == 0);  // 65535 entries, none there
  CHECK(read("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0\0\0\0\0"sv) == 0);
  CHECK(read("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x07\0\0\0\x01\0\x06\0\0\0\0\0\0"sv) == 0);
}

TEST_CASE("no cut of a block is read past its end", "[io][exif]") {
  const auto whole = test::exif_block(5);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    // An exact copy, so that a sanitizer sees a read behind it.
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(size));
    const int expected = size >= 28 ? 5 : 0;
    REQUIRE(exif_orientation(cut) == expected);
  }
}
