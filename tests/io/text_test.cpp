#include "io/text.h"

#include <vector>

#include "tests/support/catch.h"

using namespace sluice::io;

TEST_CASE("text for messages is one line", "[io][text]") {
  CHECK(one_line("a b\xC3\xA9") == "a b\xC3\xA9");
  CHECK(one_line("a\nb\tc\rd\x01\x7F") == "a\\nb\\tc\\rd\\x01\\x7f");
  CHECK(without_controls(std::string(400, 'x') + '\n') == std::string(400, 'x') + "\\n");
  CHECK(one_line(std::string(400, 'x')) == std::string(300, 'x') + "...");
}

TEST_CASE("a message holds none of the controls that terminals know", "[io][text]") {
  CHECK(without_controls("a\x1B[2J\x7F") == "a\\x1b[2J\\x7f");
  CHECK(without_controls("\xC2\x9B"
                         "2J") ==
        "\\xc2\\x9b"
        "2J");
  CHECK(without_controls("\x9B"
                         "2J") ==
        "\\x9b"
        "2J");
  CHECK(without_controls("caf\xC3\xA9 \xC2\xA0 \xE9") == "caf\xC3\xA9 \xC2\xA0 \xE9");
}

TEST_CASE("a field of a table holds no separator", "[io][text]") {
  CHECK(tsv_field("a\tb\nc\rd\\e") == "a\\tb\\nc\\rd\\\\e");
}

TEST_CASE("any bytes go through percent encoding and come back", "[io][text]") {
  CHECK(percent_encoded("caf\xC3\xA9 100%") == "caf\xC3\xA9 100%25");
  CHECK(percent_encoded("caf\xE9") == "caf%E9");
  CHECK(percent_encoded("\xC0\x80\xED\xA0\x80\xF5") == "%C0%80%ED%A0%80%F5");  // no UTF-8 at all
  CHECK(percent_encoded("\xF0\x9F\x98\x80\xE2\x82") == "\xF0\x9F\x98\x80%E2%82");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(percent_decoded(percent_encoded(all)) == all);
  CHECK(percent_decoded("5% of %zz %4") == "5% of %zz %4");
}

TEST_CASE("bytes are UTF-8 or not", "[io][text]") {
  for (const char* const good : {"", "a\n%", "caf\xC3\xA9", "\xF0\x9F\x98\x80"})
    CHECK(is_utf8(good));
  for (const char* const bad : {"caf\xE9", "\xC0\x80", "\xED\xA0\x80", "a\xE2\x82"})
    CHECK(!is_utf8(bad));
}

TEST_CASE("a long list of names is cut", "[io][text]") {
  const std::vector<std::string> names{"a", "b", "c"};
  CHECK(listed(names) == "a, b, c");
  CHECK(listed(names, 2) == "a, b and 1 more");
}
