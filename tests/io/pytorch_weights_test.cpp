#include "io/pytorch_weights.h"

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

#include "io/float_types.h"
#include "tests/io/temp_folder.h"
#include "tests/io/zip_fixture.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;
using namespace std::string_literals;

namespace {

// Parts of a pickle; g++ 12 warns without cause of sums of strings.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all.append(part);
  return all;
}
std::string byte(std::size_t value) { return {static_cast<char>(value)}; }
std::string text(const std::string& value) {
  return joined({"X", byte(value.size()), "\0\0\0"s, value});
}
std::string number(std::size_t value) { return joined({"K", byte(value)}); }
std::string numbers(std::size_t one, std::size_t two) { return joined({number(one), number(two)}); }
std::string tuple(const std::string& items) { return joined({"(", items, "t"}); }

// What a state dict says of one tensor.
struct Told {
  std::string storage = "FloatStorage";
  std::size_t offset = 0;
  std::string sizes = numbers(2, 2);
  std::string strides = numbers(2, 1);
};

// How a state dict writes shapes.
enum class Shapes : std::uint8_t { tuples, sizes };

std::string shape(const std::string& items, Shapes as) {
  if (as == Shapes::tuples) return tuple(items);
  return joined({"ctorch\nSize\n", tuple(items), "\x85R"});
}

std::string tensor(const Told& told, Shapes as = Shapes::tuples) {
  const std::string id = tuple(
      joined({text("storage"), "ctorch\n", told.storage, "\n", text("0"), text("cpu"), number(4)}));
  const std::string arguments =
      tuple(joined({id, "Q", number(told.offset), shape(told.sizes, as), tuple(told.strides),
                    "\x89", "ccollections\nOrderedDict\n)R"}));
  return joined({"ctorch._utils\n_rebuild_tensor_v2\n", arguments, "R"});
}

std::string dictionary(std::initializer_list<std::string_view> items) {
  return joined({"}(", joined(items), "u"});
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::filesystem::path archive(const TempFolder& folder, const std::string& value,
                              const std::string& data = bytes_of({1, 2, 3, 4})) {
  return folder.add("net.pth",
                    test::zip_archive({{"net/data.pkl", joined({"\x80\x02", value, "."})},
                                       {"net/byteorder", "little"},
                                       {"net/data/0", data}}));
}

std::vector<float> first_of(const ForeignWeights& weights) {
  std::vector<float> values(static_cast<std::size_t>(weights.tensors[0].shape.elements()));
  weights.read(0, values);
  return values;
}

}  // namespace

TEST_CASE("a state dict's tensors have names, shapes and values", "[io][pytorch]") {
  const TempFolder folder;
  const auto file = archive(folder, dictionary({text("fc.weight"), tensor({})}));
  const ForeignWeights weights = open_pytorch_weights(file);
  REQUIRE(weights.tensors.size() == 1);
  CHECK(weights.tensors[0].name == "fc.weight");
  CHECK(weights.tensors[0].shape == Shape{2, 2});
  CHECK(first_of(weights) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("a shape may be a torch.Size", "[io][pytorch]") {
  const TempFolder folder;
  const auto file = archive(folder, dictionary({text("a"), tensor({}, Shapes::sizes)}));
  const ForeignWeights weights = open_pytorch_weights(file);
  REQUIRE(weights.tensors.size() == 1);
  CHECK(weights.tensors[0].shape == Shape{2, 2});
  const auto empty = archive(
      folder,
      dictionary(
          {text("a"),
           joined({"ctorch._utils\n_rebuild_tensor_v2\n",
                   tuple(joined({"N", number(0), "ctorch\nSize\n)R", tuple(number(1))})), "R"})}));
  CHECK_THAT(thrown([&] { open_pytorch_weights(empty); }), Contains("a has no shape"));
}

TEST_CASE("more tensors than any net has are refused", "[io][pytorch]") {
  const TempFolder folder;
  std::string items;
  for (int i = 0; i <= 10'000; ++i) items += joined({text(std::to_string(i)), "N"});
  const auto file = archive(folder, dictionary({items}));
  CHECK_THAT(thrown([&] { open_pytorch_weights(file); }),
             Contains("has 10001 tensors; valid: at most 10000"));
}

TEST_CASE("strides and offsets say where values lie", "[io][pytorch]") {
  const TempFolder folder;
  const auto read = [&](const Told& told) {
    return first_of(open_pytorch_weights(archive(folder, dictionary({text("a"), tensor(told)}))));
  };
  CHECK(read({.strides = numbers(1, 2)}) == std::vector<float>{1, 3, 2, 4});
  CHECK(read({.offset = 2, .sizes = number(2), .strides = number(1)}) == std::vector<float>{3, 4});
  CHECK(read({.sizes = number(4), .strides = number(0)}) == std::vector<float>{1, 1, 1, 1});
  CHECK(read({.offset = 3, .sizes = "", .strides = ""}) == std::vector<float>{4});
}

TEST_CASE("halves and doubles become floats exactly", "[io][pytorch]") {
  const TempFolder folder;
  const auto read = [&](const std::string& storage, const std::string& data) {
    const Told told{.storage = storage, .sizes = number(2), .strides = number(1)};
    return first_of(
        open_pytorch_weights(archive(folder, dictionary({text("a"), tensor(told)}), data)));
  };
  CHECK(read("HalfStorage", "\x00\x3C\x00\xC0"s) == std::vector<float>{1, -2});
  CHECK(read("BFloat16Storage", "\x80\x3F\x00\xC0"s) == std::vector<float>{1, -2});
  const std::vector<double> doubles{0.5, -4};
  CHECK(read("DoubleStorage", {reinterpret_cast<const char*>(doubles.data()), 16}) ==
        std::vector<float>{0.5F, -4});
  CHECK(from_f16(0x0001) == 0x1p-24F);
  CHECK(from_f16(0x7BFF) == 65504.0F);
  CHECK(from_f16(0xFC00) == -std::numeric_limits<float>::infinity());
}

TEST_CASE("a state dict may lie inside of a checkpoint, and behind module.", "[io][pytorch]") {
  const TempFolder folder;
  const std::string inner =
      dictionary({text("module.a"), tensor({}), text("module.b"), tensor({})});
  const ForeignWeights weights = open_pytorch_weights(
      archive(folder, dictionary({text("epoch"), number(3), text("state_dict"), inner})));
  REQUIRE(weights.tensors.size() == 2);
  CHECK(weights.tensors[0].name == "a");
}

TEST_CASE("tensors outside of their storage are refused before memory is taken", "[io][pytorch]") {
  const TempFolder folder;
  const auto opening = [&](const Told& told) {
    const auto file = archive(folder, dictionary({text("a"), tensor(told)}));
    return thrown([&] { open_pytorch_weights(file); });
  };
  const std::string huge = "J\xFF\xFF\xFF\x7F";
  for (const Told& told :
       {Told{.offset = 1}, Told{.sizes = numbers(3, 2)}, Told{.strides = joined({huge, number(1)})},
        Told{.sizes = joined({huge, huge}), .strides = numbers(0, 0)}, Told{.strides = number(1)},
        Told{.offset = 4, .sizes = number(1), .strides = number(1)},
        Told{.sizes = number(0), .strides = number(1)}}) {
    CHECK_THAT(opening(told), Contains("a lies outside of the 4 values of its storage net/data/0"));
  }
  CHECK_THAT(opening({.storage = "LongStorage"}), Contains("torch LongStorage; valid: float"));
  CHECK_THAT(opening({.sizes = "J\xFF\xFF\xFF\xFF"}), Contains("a has no shape"));
}

TEST_CASE("what is no state dict is refused in words", "[io][pytorch]") {
  const TempFolder folder;
  const auto opening = [&](const std::string& value) {
    const auto file = archive(folder, value);
    return thrown([&] { open_pytorch_weights(file); });
  };
  CHECK_THAT(opening(number(1)), Contains("holds no dictionary"));
  CHECK_THAT(opening("}"), Contains("holds no tensor"));
  CHECK_THAT(opening(dictionary({text("a"), number(1)})), Contains("a is no tensor"));
  CHECK_THAT(opening(dictionary({number(1), tensor({})})), Contains("a key that is no text"));
  CHECK_THAT(opening(dictionary({text("a"), tensor({}), text("a"), tensor({})})),
             Contains("has a twice"));
  CHECK_THAT(opening(joined({"cbuiltins\neval\n(", text("1"), "tR"})),
             Contains("names builtins eval"));
  CHECK_THAT(
      thrown([&] { open_pytorch_weights(folder.add("old.pth", "\x80\x02\x8A\x0Alots of more")); }),
      Contains("weights_only=True"));
  CHECK_THAT(thrown([&] {
               open_pytorch_weights(folder.add("z.pth", test::zip_archive({{"a/b", "c"}})));
             }),
             Contains("archive without a data.pkl"));
}

TEST_CASE("an archive of a big endian machine is refused", "[io][pytorch]") {
  const TempFolder folder;
  const auto file = folder.add(
      "net.pth", test::zip_archive({{"net/data.pkl", "\x80\x02}."}, {"net/byteorder", "big"}}));
  CHECK_THAT(thrown([&] { open_pytorch_weights(file); }), Contains("not little endian"));
}

TEST_CASE("safetensors are known whatever their header's length looks like", "[io][safetensors]") {
  const TempFolder folder;
  for (const std::size_t length :
       {0x80U, 0x4B50U, 0x60U}) {  // as pickles and archives begin; not so
    std::string content = joined({byte(length & 0xFFU), byte(length >> 8U), "\0\0\0\0\0\0{}"s});
    content.resize(8 + length, ' ');
    CHECK(foreign_format(folder.add("net", content)) == ForeignFormat::safetensors);
    content.resize(100);  // the header would end behind the file
    if (length == 0x80) CHECK(foreign_format(folder.add("net", content)) == ForeignFormat::pytorch);
  }
  const auto text = folder.add("net", "no weights at all");
  CHECK_THAT(thrown([&] { foreign_format(text); }), Contains("of no format that can be imported"));
}
