#include "io/pickle.h"

#include <array>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::thrown;
using Kind = PickleValue::Kind;
using namespace std::string_literals;

namespace {

constexpr std::array<std::string_view, 2> kNames = {"collections OrderedDict", "torch known"};

Pickle read(const std::string& bytes) {
  return read_pickle({.bytes = std::as_bytes(std::span(bytes)),
                      .file = "file.pth",
                      .valid = "a state dict",
                      .names = kNames});
}

// What remains of a pickle of one value.
PickleValue value_of(const std::string& bytes) {
  const Pickle pickle = read("\x80\x02"s + bytes + ".");
  return pickle[pickle.root];
}

}  // namespace

TEST_CASE("numbers of every width are what Python wrote", "[io][pickle]") {
  CHECK(value_of("K\xFF"s).integer == 255);
  CHECK(value_of("M\x01\x02"s).integer == 0x201);
  CHECK(value_of("J\xFF\xFF\xFF\xFF"s).integer == -1);
  CHECK(value_of("\x8A\x06\x00\x00\x00\x00\x00\x01"s).integer == std::int64_t{1} << 40);
  CHECK(value_of("\x8A\x01\xFE"s).integer == -2);
  CHECK(value_of("\x8A\x00"s).integer == 0);
  CHECK(value_of("G\x3F\xE0\x00\x00\x00\x00\x00\x00"s).real == 0.5);
  CHECK(value_of("\x88"s).integer == 1);
  CHECK(value_of("N"s).kind == Kind::none);
}

TEST_CASE("containers hold their items in order", "[io][pickle]") {
  const Pickle pickle = read(
      "\x80\x02}q\x00(X\x01\x00\x00\x00"
      "aK\x01K\x02\x86X\x01\x00\x00\x00"
      "b](K\x03K\x04"
      "eu."s);
  const PickleValue& root = pickle[pickle.root];
  REQUIRE(root.kind == Kind::dictionary);
  REQUIRE(root.items.size() == 4);
  CHECK(pickle[root.items[0]].text == "a");
  const PickleValue& tuple = pickle[root.items[1]];
  CHECK(tuple.kind == Kind::tuple);
  CHECK(pickle[tuple.items[1]].integer == 2);
  const PickleValue& list = pickle[root.items[3]];
  CHECK(list.kind == Kind::list);
  CHECK(pickle[list.items[0]].integer == 3);
}

TEST_CASE("calls of known names become values and nothing is carried out", "[io][pickle]") {
  const Pickle pickle = read(
      "\x80\x02"
      "ctorch\nknown\n(K\x07tR."s);
  const PickleValue& call = pickle[pickle.root];
  REQUIRE(call.kind == Kind::call);
  CHECK(pickle[call.items[0]].text == "torch known");
  CHECK(pickle[pickle[call.items[1]].items[0]].integer == 7);
  CHECK(value_of("ccollections\nOrderedDict\n)R"s).kind == Kind::dictionary);
}

TEST_CASE("names and opcodes of anything else are refused by name", "[io][pickle]") {
  CHECK_THAT(thrown([] {
               read(
                   "\x80\x02"
                   "cos\nsystem\n(X\x02\x00\x00\x00lstR."s);
             }),
             Contains("names os system") && Contains("valid: a state dict"));
  CHECK_THAT(thrown([] { read("\x80\x04\x8C\x02os\x8C\x06system\x93."s); }),
             Contains("names os system"));
  CHECK_THAT(thrown([] {
               read(
                   "\x80\x02"
                   "ios\nsystem\n."s);
             }),
             Contains("opcode 0x69"));
  CHECK_THAT(thrown([] { read("\x80\x01N."s); }), Contains("protocol 1"));
  CHECK_THAT(thrown([] { read("\x80\x02K\x01)R."s); }), Contains("calls what is no function"));
}

TEST_CASE("damaged pickles are refused in one line", "[io][pickle]") {
  for (const std::string& bytes :
       {""s, "\x80"s, "\x80\x02"s, "\x80\x02."s, "\x80\x02(."s,
        "\x80\x02X\xFF\xFF\xFF\xFF"
        "a."s,
        "\x80\x02t."s,
        "\x80\x02K\x01"
        "a."s,
        "\x80\x02NK\x01"
        "a."s,
        "\x80\x02h\x05."s, "\x80\x02}(K\x01u."s, "\x80\x02(\x85."s,
        "\x80\x02"
        "cnever ends"s,
        "\x80\x02\x8A\x09."s, "\x80\x02\x93."s, "\x80\x02NN\x93."s, "\x80\x02Q."s,
        "\x80\x02"
        "b."s}) {
    INFO(bytes);
    CHECK_THAT(thrown([&] { read(bytes); }), Contains("2: file.pth: "));
  }
}

TEST_CASE("a list that holds itself is a value like any other", "[io][pickle]") {
  const Pickle pickle = read(
      "\x80\x02]q\x01h\x01"
      "a."s);
  CHECK(pickle[pickle.root].items == std::vector<std::uint32_t>{pickle.root});
}

TEST_CASE("a pickle of too many values ends at the limit", "[io][pickle]") {
  CHECK_THAT(thrown([] { read("\x80\x02"s + std::string(kMostPickleValues + 1, 'N')); }),
             Contains("more than 1000000 values"));
}

TEST_CASE("a pickle that keeps or marks without end is refused before memory is taken",
          "[io][pickle]") {
  CHECK_THAT(thrown([] { read("\x80\x04]"s + std::string(kMostPickleValues + 1, '\x94') + "."); }),
             Contains("keeps more than 1000000 values"));
  CHECK_THAT(thrown([] { read("\x80\x02"s + std::string(kMostPickleValues + 1, '(') + "."); }),
             Contains("more than 1000000 marks"));
}
