#include "io/onnx_model.h"

#include <algorithm>

#include "io/wire.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

// The fields of a message, by number; what they refer to must stay.
std::vector<WireField> fields_of(std::span<const std::byte> message) {
  std::vector<WireField> fields;
  WireReader reader(message, "model");
  while (const auto field = reader.next()) fields.push_back(*field);
  return fields;
}

std::vector<WireField> only(const std::vector<WireField>& fields, std::uint32_t number) {
  std::vector<WireField> found;
  std::ranges::copy_if(fields, std::back_inserter(found),
                       [&](const WireField& field) { return field.number == number; });
  return found;
}

WireField one(const std::vector<WireField>& fields, std::uint32_t number) {
  const auto found = only(fields, number);
  REQUIRE(found.size() == 1);
  return found.front();
}

OnnxModel small_model() {
  return {.name = "small",
          .words = "a test",
          .nodes = {{"Gemm", {"in", "w"}, {"out"}, {{"transB", std::int64_t{1}}, {"alpha", 0.5F}}},
                    {"MaxPool", {"out"}, {"end"}, {{"pads", std::vector<std::int64_t>{0, -1}}}}},
          .constants = {{"w", {2, 1}, std::size_t{7}},
                        {"shape", {1}, std::vector<std::int64_t>{-1}},
                        {"one", {}, std::vector<float>{1.0F}}},
          .input = {"in", {std::string("images"), std::int64_t{2}}},
          .output = {"end", {std::string("images"), std::int64_t{1}}},
          .metadata = {{"key", "value"}}};
}

std::vector<float> seventh(std::size_t parameter) {
  CHECK(parameter == 7);
  return {3.0F, 4.0F};
}

}  // namespace

TEST_CASE("an ONNX file holds the model that was written", "[io][onnx]") {
  const TempFolder folder;
  write_onnx(folder / "m.onnx", small_model(), seventh);
  const std::vector<std::byte> bytes = test::bytes_of(folder / "m.onnx");
  const auto model = fields_of(bytes);
  CHECK(one(model, 1).value == 7);  // IR version
  CHECK(one(fields_of(one(model, 8).bytes), 2).value == 13);
  const auto metadata = fields_of(one(model, 14).bytes);
  CHECK(one(metadata, 1).text() == "key");
  CHECK(one(metadata, 2).text() == "value");

  const auto graph = fields_of(one(model, 7).bytes);
  CHECK(one(graph, 2).text() == "small");
  const auto nodes = only(graph, 1);
  REQUIRE(nodes.size() == 2);
  const auto gemm = fields_of(nodes[0].bytes);
  CHECK(one(gemm, 4).text() == "Gemm");
  CHECK(only(gemm, 1).back().text() == "w");
  CHECK(one(gemm, 2).text() == "out");
  const auto attribute = fields_of(only(gemm, 5).front().bytes);
  CHECK(one(attribute, 1).text() == "transB");
  CHECK(one(attribute, 3).value == 1);
  CHECK(one(attribute, 20).value == 2);
}

TEST_CASE("constants are written as they lie in memory", "[io][onnx]") {
  const TempFolder folder;
  write_onnx(folder / "m.onnx", small_model(), seventh);
  const std::vector<std::byte> bytes = test::bytes_of(folder / "m.onnx");
  const auto constants = only(fields_of(one(fields_of(bytes), 7).bytes), 5);
  REQUIRE(constants.size() == 3);
  const auto weights = fields_of(constants[0].bytes);
  CHECK(one(weights, 8).text() == "w");
  CHECK(one(weights, 2).value == 1);  // f32
  std::vector<std::int64_t> sizes;
  add_integers(one(weights, 1), "model", sizes);
  CHECK(sizes == std::vector<std::int64_t>{2, 1});
  std::vector<float> values;
  add_floats(one(weights, 9), "model", values);
  CHECK(values == std::vector<float>{3.0F, 4.0F});
  const auto shape = fields_of(constants[1].bytes);
  CHECK(one(shape, 2).value == 7);  // int64
  CHECK(one(shape, 9).bytes.size() == 8);
}

TEST_CASE("free sizes have a name, others a number", "[io][onnx]") {
  const TempFolder folder;
  write_onnx(folder / "m.onnx", small_model(), seventh);
  const std::vector<std::byte> bytes = test::bytes_of(folder / "m.onnx");
  const auto port = fields_of(one(fields_of(one(fields_of(bytes), 7).bytes), 11).bytes);
  CHECK(one(port, 1).text() == "in");
  const auto tensor = fields_of(one(fields_of(one(port, 2).bytes), 1).bytes);
  const auto dims = only(fields_of(one(tensor, 2).bytes), 1);
  REQUIRE(dims.size() == 2);
  CHECK(one(fields_of(dims[0].bytes), 2).text() == "images");
  CHECK(one(fields_of(dims[1].bytes), 1).value == 2);
}

TEST_CASE("a model that ONNX cannot hold leaves no file", "[io][onnx]") {
  const TempFolder folder;
  OnnxModel model = small_model();
  CHECK_THAT(thrown([&] {
               write_onnx(folder / "m.onnx", model,
                          [](std::size_t) { return std::vector<float>(3); });
             }),
             Contains("w has values of 12 bytes, not 8"));
  model.constants[0].sizes = {1 << 30, 1};
  CHECK_THAT(thrown([&] { write_onnx(folder / "m.onnx", model, seventh); }),
             Contains("below 2 GiB"));
  CHECK_FALSE(std::filesystem::exists(folder / "m.onnx"));
}
