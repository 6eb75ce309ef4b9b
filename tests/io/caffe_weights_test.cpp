#include "io/caffe_weights.h"

#include "io/wire.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

void add_values(WireWriter& blob, std::uint32_t field, const std::vector<float>& values) {
  blob.text(field, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

WireWriter shaped_blob(const std::vector<std::int64_t>& sizes, const std::vector<float>& values) {
  WireWriter shape, blob;
  shape.integers(1, sizes);
  blob.message(7, shape);
  add_values(blob, 5, values);
  return blob;
}

// As files before 2014 have them.
WireWriter legacy_blob(const std::vector<std::int64_t>& four, const std::vector<float>& values) {
  WireWriter blob;
  for (std::uint32_t i = 0; i < 4; ++i) blob.integer(i + 1, four[i]);
  for (const float value : values) blob.real(5, value);  // one by one
  return blob;
}

// Of V2: (name, blobs) are fields 1 and 7; of V1 4 and 6.
WireWriter layer(const std::string& name, const std::vector<WireWriter>& blobs,
                 std::pair<std::uint32_t, std::uint32_t> fields) {
  WireWriter message;
  message.text(fields.first, name);
  for (const WireWriter& blob : blobs) message.message(fields.second, blob);
  return message;
}
constexpr std::pair<std::uint32_t, std::uint32_t> kV1{4, 6}, kV2{1, 7};

std::vector<float> values_of(const ForeignWeights& weights, std::size_t index) {
  std::vector<float> values(static_cast<std::size_t>(weights.tensors[index].shape.elements()));
  weights.read(index, values);
  return values;
}

}  // namespace

TEST_CASE("layers of both forms give their blobs as weight and bias", "[io][caffe]") {
  const TempFolder folder;
  WireWriter net;
  net.text(1, "CaffeNet");
  net.message(100, layer("data", {}, kV2));
  net.message(100, layer("conv1", {shaped_blob({1, 1, 1, 2}, {1, 2}), shaped_blob({1}, {3})}, kV2));
  net.message(2, layer("fc6", {legacy_blob({1, 1, 2, 2}, {4, 5, 6, 7})}, kV1));
  const ForeignWeights weights = open_caffe_weights(folder.add("net.caffemodel", net.bytes()));
  CHECK(weights.title == "CaffeNet");
  CHECK(weights.colours == ColourOrder::bgr);
  REQUIRE(weights.tensors.size() == 3);
  CHECK(weights.tensors[0].name == "conv1.weight");
  CHECK(weights.tensors[1].name == "conv1.bias");
  CHECK(weights.tensors[2].name == "fc6.weight");
  CHECK(weights.tensors[2].shape == Shape{1, 1, 2, 2});
  CHECK(values_of(weights, 0) == std::vector<float>{1, 2});
  CHECK(values_of(weights, 2) == std::vector<float>{4, 5, 6, 7});
}

TEST_CASE("doubles become floats", "[io][caffe]") {
  const TempFolder folder;
  const std::vector<double> values{0.5, -2.0};
  WireWriter shape, blob, net;
  shape.integers(1, std::vector<std::int64_t>{2});
  blob.message(7, shape);
  blob.text(8, {reinterpret_cast<const char*>(values.data()), 16});
  net.message(100, layer("a", {blob}, kV2));
  CHECK(values_of(open_caffe_weights(folder.add("net", net.bytes())), 0) ==
        std::vector<float>{0.5F, -2.0F});
}

TEST_CASE("nets that cannot be are refused with file and layer", "[io][caffe]") {
  const TempFolder folder;
  const auto opening = [&](const WireWriter& blob) {
    WireWriter net;
    net.message(100, layer("a", {blob}, kV2));
    const auto file = folder.add("net", net.bytes());
    return thrown([&] { open_caffe_weights(file); });
  };
  CHECK_THAT(opening(shaped_blob({3}, {1, 2})),
             Contains("a.weight holds 2 values, which its shape"));
  CHECK_THAT(opening(shaped_blob({-1, -2}, {1, 2})), Contains("which its shape does not take"));
  CHECK_THAT(opening(shaped_blob({1LL << 40, 1LL << 40}, {1})), Contains("does not take"));
  CHECK_THAT(opening(shaped_blob(std::vector<std::int64_t>(17, 1), {1})),
             Contains("more than 16 axes"));
  CHECK_THAT(opening(shaped_blob(std::vector<std::int64_t>(1 << 20, 1), {1})),
             Contains("a.weight has more than 16 axes"));
  WireWriter pieces, scattered;  // sizes one by one, in shapes that add up
  pieces.integers(1, std::vector<std::int64_t>(9, 1));
  scattered.message(7, pieces);
  scattered.message(7, pieces);
  add_values(scattered, 5, {1});
  CHECK_THAT(opening(scattered), Contains("more than 16 axes"));
  const auto text = [&](const std::string& content) {
    const auto file = folder.add("net", content);
    return thrown([&] { open_caffe_weights(file); });
  };
  CHECK_THAT(text(""), Contains("holds no layer with weights"));
  CHECK_THAT(text("\x89HDF\r\n"), Contains("HDF5") && Contains("BINARYPROTO"));
  WireWriter v0, net;
  v0.text(1, "old");
  net.message(2, v0);
  CHECK_THAT(text(net.bytes()), Contains("upgrade_net_proto_binary"));
  const WireWriter twice = layer("a", {shaped_blob({1}, {1})}, kV2);
  WireWriter doubled;
  doubled.message(100, twice);
  doubled.message(100, twice);
  CHECK_THAT(text(doubled.bytes()), Contains("two layers a with weights"));
}

TEST_CASE("a mean image becomes RGB, pixel by pixel", "[io][caffe]") {
  const TempFolder folder;
  const WireWriter blob = legacy_blob({1, 3, 1, 2}, {1, 2, 3, 4, 5, 6});  // blue, green, red
  const Statistics mean = read_caffe_mean(folder.add("mean.binaryproto", blob.bytes()));
  CHECK(mean.mean_extent == Extent{2, 1});
  CHECK(mean.mean_image == std::vector<float>{5, 3, 1, 6, 4, 2});
  CHECK(mean.mean_rgb == std::array<double, 3>{5.5, 3.5, 1.5});
  const auto grey = folder.add("grey", legacy_blob({1, 1, 1, 2}, {1, 2}).bytes());
  CHECK_THAT(thrown([&] { read_caffe_mean(grey); }),
             Contains("valid: a mean image of 1x3xHEIGHTxWIDTH"));
}
