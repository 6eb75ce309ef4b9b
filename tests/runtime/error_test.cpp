#include "runtime/error.h"

#include "tests/support/catch.h"

using namespace sluice;

TEST_CASE("an error is one line, whatever it quotes", "[runtime][error]") {
  const Error error(ErrorKind::usage, "no key 'a\nb\x1B\x7F'; valid: caf\xC3\xA9");
  CHECK(std::string(error.what()) == "no key 'a\\x0ab\\x1b\\x7f'; valid: caf\xC3\xA9");
}

TEST_CASE("a condition that holds throws nothing, another one a usage error", "[runtime][error]") {
  CHECK_NOTHROW(require(true, "never {}", 1));
  try {
    require(false, "{} is too many", 3);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()) == "3 is too many");
  }
}
