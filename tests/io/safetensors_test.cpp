#include "io/safetensors.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

const std::string kFile = "w.safetensors";

std::string with_length(std::uint64_t length, const std::string& rest) {
  std::string text(8, '\0');
  std::memcpy(text.data(), &length, 8);
  return text + rest;
}

// What opening a file of this header and as many bytes of data gives.
std::string error_of(const std::string& header, std::size_t data_bytes) {
  const TempFolder folder;
  const auto path =
      folder.add(kFile, with_length(header.size(), header) + std::string(data_bytes, '\0'));
  return thrown([&] { SafetensorsFile file(path); });
}

std::string tensor(const std::string& rest) { return R"({"a":{)" + rest + "}}"; }

}  // namespace

TEST_CASE("tensors and metadata come back as they were written", "[io][safetensors]") {
  const TempFolder folder;
  const std::vector<float> a{1.0F, -2.5F, 3e-42F, 4.0F, 5.0F, 6.0F}, b{7.0F};
  const std::vector<NamedTensor> tensors{
      {"features.0.weight", {Shape{2, 3}, a}}, {"b", {Shape{}, b}}, {"none", {Shape{0, 4}, {}}}};
  const Metadata metadata{{"format", "pt"}, {"text", "line\nquote\" \xC3\xA9"}};
  write_safetensors(folder / kFile, tensors, metadata);
  CHECK(!std::filesystem::exists(folder / (kFile + ".partial")));

  const SafetensorsFile file(folder / kFile);
  CHECK(file.metadata() == metadata);
  REQUIRE(file.tensors().size() == 3);
  const TensorEntry* const entry = file.find("features.0.weight");
  REQUIRE(entry != nullptr);
  CHECK(entry->shape == Shape{2, 3});
  std::vector<float> values(6);
  file.read(*entry, values);
  CHECK(values == a);
  std::vector<float> one(1);
  file.read(*file.find("b"), one);
  CHECK(one == b);
  CHECK(file.find("none")->shape == Shape{0, 4});
  CHECK(file.find("c") == nullptr);
  CHECK_THAT(thrown([&] { file.read(*entry, one); }), Contains("has shape 2x3, not 1 values"));
}

TEST_CASE("the bytes of a file are the published format", "[io][safetensors]") {
  const TempFolder folder;
  const std::vector<float> values{1.0F, 2.0F};
  const std::vector<NamedTensor> tensors{{"t", {Shape{2}, values}}};
  write_safetensors(folder / kFile, tensors, {{"k", "v"}});
  std::string header = R"({"__metadata__":{"k":"v","sluice.checksum":"0000000000000000"},)"
                       R"("t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  while (header.size() % 8 != 0) header += ' ';
  std::string expected =
      with_length(header.size(), header) + std::string("\0\0\x80\x3F\0\0\0\x40", 8);
  const std::string checksum =
      fmt::format("{:016x}", XXH3_64bits(expected.data(), expected.size()));
  expected.replace(expected.find("0000000000000000"), checksum.size(), checksum);
  CHECK(test::text_of(folder / kFile) == expected);
}

TEST_CASE("a change of any one bit is noticed", "[io][safetensors]") {
  const TempFolder folder;
  const std::vector<float> values{1.0F, 2.0F, 3.0F};
  const std::vector<NamedTensor> tensors{{"t", {Shape{3}, values}}};
  write_safetensors(folder / kFile, tensors, {{"k", "v"}});
  const std::string whole = test::text_of(folder / kFile);
  const auto read = [&] {
    const SafetensorsFile file(folder / kFile);
    file.verify();
    if (!file.has_checksum()) fail(ErrorKind::usage, "the checksum's name is gone");
  };
  CHECK(thrown(read) == "nothing");
  int unnoticed = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    folder.add(kFile, changed);
    if (thrown(read) == "nothing") ++unnoticed;
  }
  CHECK(unnoticed == 0);
  folder.add(kFile, whole.substr(0, whole.size() - 1));
  CHECK(thrown(read) != "nothing");
}

TEST_CASE("a file of somebody else, without a checksum, passes", "[io][safetensors]") {
  const TempFolder folder;
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const auto path = folder.add(kFile, with_length(header.size(), header) + "1234");
  const SafetensorsFile file(path);
  CHECK_FALSE(file.has_checksum());
  CHECK(thrown([&] { file.verify(); }) == "nothing");
}

TEST_CASE("a file that is not given all of its tensors does not appear", "[io][safetensors]") {
  const TempFolder folder;
  const std::vector<TensorSpec> specs{{"a", Shape{2}}, {"b", Shape{1}}};
  const std::vector<float> two{1.0F, 2.0F};
  {
    SafetensorsWriter file(folder / kFile, specs, {});
    file.add(two);
    CHECK_THAT(thrown([&] { file.add(two); }), Contains("2 values do not fill the shape 1"));
    CHECK_THAT(thrown([&] { file.commit(); }), Contains("commit") || Contains("tensors"));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a header that cannot be is refused before anything is allocated", "[io][safetensors]") {
  const TempFolder folder;
  const auto error = [&](const std::string& content) {
    const auto path = folder.add(kFile, content);
    return thrown([&] { SafetensorsFile file(path); });
  };
  CHECK_THAT(error(""), Contains("2: ") && Contains("is no safetensors file: 0 bytes are too few"));
  CHECK_THAT(error("1234567"), Contains("7 bytes are too few"));
  CHECK_THAT(error(with_length(3, "{}")),
             Contains("its header of 3 bytes cannot be (the file has 10)"));
  CHECK_THAT(error(with_length(~std::uint64_t{0}, "{}")), Contains("cannot be"));
  CHECK_THAT(error(with_length(100'000'001, "{}")), Contains("cannot be"));
  CHECK_THAT(thrown([&] { SafetensorsFile file(folder / "gone"); }), Contains("No such file"));
  CHECK_THAT(thrown([&] { SafetensorsFile file(folder.path()); }), Contains("is not a file"));

  // Sparse, so that the claimed header of 100.1 MB is there and still too long.
  folder.add(kFile, with_length(100'100'000, "{"));
  std::filesystem::resize_file(folder / kFile, 200'000'000);
  CHECK_THAT(thrown([&] { SafetensorsFile file(folder / kFile); }), Contains("cannot be"));
}

TEST_CASE("a header that is not the format's JSON is refused", "[io][safetensors]") {
  CHECK_THAT(error_of("", 0), Contains("not a JSON object"));
  CHECK_THAT(error_of("[]", 0), Contains("not a JSON object"));
  CHECK_THAT(error_of("{", 0), Contains("not JSON at byte"));
  CHECK_THAT(error_of("{}x", 0), Contains("not JSON"));
  CHECK_THAT(error_of("{\"\xFF\":1}", 0), Contains("not JSON"));
  CHECK_THAT(error_of(R"({"a":1})", 0), Contains("a number at or behind 'a'"));
  CHECK_THAT(error_of(R"({"a":null})", 0), Contains("null"));
  CHECK_THAT(error_of(R"({"a":true})", 0), Contains("a boolean"));
  CHECK_THAT(error_of(R"({"a":"x"})", 0), Contains("a string"));
  CHECK_THAT(error_of(R"({"a":[1]})", 0), Contains("a list"));
  CHECK_THAT(error_of(tensor(R"("shape":{"x":1})"), 0), Contains("an object"));
  CHECK_THAT(error_of(tensor(R"("shape":[[1]])"), 0), Contains("a list"));
  CHECK_THAT(error_of(tensor(R"("shape":["1"])"), 0), Contains("a string"));
  CHECK_THAT(error_of(tensor(R"("shape":[{}])"), 0), Contains("an object"));
  CHECK_THAT(error_of(tensor(R"("shape":[-1])"), 0), Contains("a negative number"));
  CHECK_THAT(error_of(tensor(R"("shape":[1.5])"), 0), Contains("a fraction"));
  CHECK_THAT(error_of(tensor(R"("shape":3)"), 0), Contains("a number"));
  CHECK_THAT(error_of(tensor(R"("other":"x")"), 0), Contains("a string"));
  CHECK_THAT(error_of(tensor(R"("shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1])"), 0),
             Contains("a number"));
  CHECK_THAT(error_of(R"({"__metadata__":{"k":1}})", 0), Contains("a number"));
  CHECK_THAT(error_of(R"({"__metadata__":{"k":[]}})", 0), Contains("a list"));
  CHECK_THAT(error_of(R"({"__metadata__":"x"})", 0), Contains("a string"));
  CHECK_THAT(error_of(R"({"__metadata__":{"k":"1","k":"2"}})", 0), Contains("'k' twice"));
  CHECK_THAT(error_of(tensor(R"("dtype":"F32","dtype":"F32")"), 0), Contains("'dtype' twice"));
  CHECK_THAT(error_of("{\"a\":{\"shape\":" + std::string(100'000, '['), 0), Contains("a list"));
}

TEST_CASE("a header that lies about its tensors is refused", "[io][safetensors]") {
  const std::string f32 = R"("dtype":"F32",)";
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[2])"), 8),
             Contains("lacks dtype, shape or data_offsets"));
  CHECK_THAT(error_of(tensor(R"("shape":[2],"data_offsets":[0,8])"), 8), Contains("lacks"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[2],"data_offsets":[0])"), 8), Contains("lacks"));
  CHECK_THAT(error_of(tensor(R"("dtype":"BF16","shape":[4],"data_offsets":[0,8])"), 8),
             Contains("tensor a is BF16, valid: F32"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[2],"data_offsets":[0,8])"), 7),
             Contains("lies at bytes 0 to 8 of 7"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[2],"data_offsets":[8,0])"), 8),
             Contains("lies at bytes"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[3],"data_offsets":[0,8])"), 8),
             Contains("does not fill"));
  // 2^62 x 4 and 2^32 x 2^32 wrap around to 0 in 64 bits.
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[4611686018427387904],"data_offsets":[0,0])"), 0),
             Contains("does not fill"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0),
             Contains("does not fill"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[0,18446744073709551615],"data_offsets":[0,0])"), 0),
             Contains("does not fill"));
  // Nothing by its 0, but its sizes cannot be multiplied.
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[4611686018427387904,4,0],"data_offsets":[0,0])"), 0),
             Contains("does not fill"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[1],"data_offsets":[4,8])"), 8),
             Contains("starts at byte 4, not at 0"));
  CHECK_THAT(error_of(tensor(f32 + R"("shape":[1],"data_offsets":[0,4])"), 8),
             Contains("4 bytes follow the last"));
  const std::string one = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const std::string overlap = R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})";
  const std::string hole = R"({"dtype":"F32","shape":[1],"data_offsets":[12,16]})";
  CHECK_THAT(error_of("{\"a\":" + one + ",\"b\":" + overlap + "}", 12),
             Contains("overlap or have holes"));
  CHECK_THAT(error_of("{\"a\":" + one + ",\"b\":" + hole + "}", 16),
             Contains("overlap or have holes"));
  CHECK_THAT(error_of("{\"a\":" + one + ",\"a\":" + one + "}", 8), Contains("names 'a' twice"));
  CHECK(error_of("{\"a\":" + one + "}   ", 8) == "nothing");
}

TEST_CASE("a header of very many names is refused before they fill the memory",
          "[io][safetensors]") {
  std::string metadata, tensors;
  for (int i = 0; i <= 100'000; ++i) {
    const std::string name = (i == 0 ? "\"" : ",\"") + std::to_string(i);
    metadata += name + R"(":"")";
    tensors += name + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  }
  CHECK_THAT(error_of("{\"__metadata__\":{" + metadata + "}}", 0),
             Contains("more than 100000 names, the limit"));
  CHECK_THAT(error_of("{" + tensors + "}", 0), Contains("more than 100000 names, the limit"));
}

TEST_CASE("values that do not fill their shape are not written", "[io][safetensors]") {
  const TempFolder folder;
  const std::vector<float> values{1.0F};
  const std::vector<NamedTensor> tensors{{"t", {Shape{2}, values}}};
  CHECK_THAT(thrown([&] { write_safetensors(folder / kFile, tensors, {}); }),
             Contains("1 values do not fill the shape 2"));
  CHECK(std::filesystem::is_empty(folder.path()));
}
