#include "nodes/run/onnx_net.h"

#include <algorithm>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "runtime/net/net_state.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::nodes;
using Catch::Contains;
using io::test::thrown;

namespace {

// Parameters 1, 2, 3, ... each.
io::OnnxParameters counting(const Net& net) {
  return [infos = parameters(net)](std::size_t index) {
    std::vector<float> values(static_cast<std::size_t>(infos[index].shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
    return values;
  };
}

io::OnnxModel model_of(const Net& net, const OnnxOptions& options = {}) {
  return onnx_net(net, options, counting(net));
}

std::vector<std::string> ops_of(const io::OnnxModel& model) {
  std::vector<std::string> ops;
  for (const io::OnnxNode& node : model.nodes) ops.push_back(node.op);
  return ops;
}

std::size_t count(const io::OnnxModel& model, const std::string& op) {
  return static_cast<std::size_t>(std::ranges::count(ops_of(model), op));
}

template <class T>
T attribute(const io::OnnxModel& model, const std::string& op, const std::string& name) {
  const auto node = std::ranges::find(model.nodes, op, &io::OnnxNode::op);
  REQUIRE(node != model.nodes.end());
  for (const auto& [key, value] : node->attributes)
    if (key == name) return std::get<T>(value);
  FAIL(op << " has no " << name);
  return {};
}

const io::OnnxTensor& constant(const io::OnnxModel& model, const std::string& name) {
  const auto found = std::ranges::find(model.constants, name, &io::OnnxTensor::name);
  REQUIRE(found != model.constants.end());
  return *found;
}

Net small_alexnet(const std::string& variant) {
  return alexnet({.variant = variant, .classes = 5, .width = 0.06});
}

}  // namespace

TEST_CASE("every value of a graph is made once, before it is read", "[nodes][onnx]") {
  std::vector<Net> nets;
  for (const char* variant :
       {"paper", "run145", "caffe", "caffenet", "cs231n", "owt", "paper-6conv"})
    nets.push_back(small_alexnet(variant));
  for (const std::string& variant : vgg_variants())
    nets.push_back(vgg({.variant = variant, .classes = 5, .width = 0.06}));
  for (const std::string& variant : lenet_variants()) nets.push_back(lenet({.variant = variant}));
  for (const Net& net : nets) {
    CAPTURE(net.name, net.variant);
    const io::OnnxModel model = model_of(net);
    std::vector<std::string> known = {model.input.name};
    for (const io::OnnxTensor& tensor : model.constants) known.push_back(tensor.name);
    for (const io::OnnxNode& node : model.nodes) {
      for (const std::string& input : node.inputs) CHECK(std::ranges::count(known, input) == 1);
      known.insert(known.end(), node.outputs.begin(), node.outputs.end());
    }
    CHECK(known.back() == model.output.name);
    CHECK(std::ranges::count(known, known.back()) == 1);
  }
}

TEST_CASE("ONNX's alpha is the one that is divided by the window", "[nodes][onnx]") {
  CHECK(attribute<float>(model_of(small_alexnet("paper")), "LRN", "alpha") == 1e-4F);
  Net literal = small_alexnet("caffe");
  for (Layer& layer : literal.layers)
    if (auto* const lrn = std::get_if<Lrn>(&layer.spec)) lrn->reading = Lrn::Alpha::literal;
  CHECK(attribute<float>(model_of(literal), "LRN", "alpha") == Approx(5e-4F));
  CHECK(attribute<float>(model_of(small_alexnet("caffe")), "LRN", "bias") == 1.0F);
}

TEST_CASE("towers are normalised apart", "[nodes][onnx]") {
  const io::OnnxModel towers = model_of(small_alexnet("paper"));
  CHECK(count(towers, "Split") == 2);
  CHECK(count(towers, "LRN") == 4);
  CHECK(count(model_of(small_alexnet("caffe")), "LRN") == 2);
}

TEST_CASE("what testing does of dropout is a factor, or nothing", "[nodes][onnx]") {
  const io::OnnxModel vanilla = model_of(small_alexnet("paper"));
  CHECK(count(vanilla, "Mul") == 2);
  CHECK(std::get<std::vector<float>>(constant(vanilla, "drop6/kept").values) ==
        std::vector<float>{0.5F});
  CHECK(count(model_of(small_alexnet("caffe")), "Mul") == 0);
}

TEST_CASE("zeros around an input that lie on one side stay there", "[nodes][onnx]") {
  CHECK(attribute<std::vector<std::int64_t>>(model_of(small_alexnet("paper")), "Conv", "pads") ==
        std::vector<std::int64_t>{0, 0, 3, 3});
}

TEST_CASE("connections that C3 lacks weigh nothing", "[nodes][onnx]") {
  const Net net = lenet({.variant = "1998"});
  const io::OnnxModel model = model_of(net);
  const io::OnnxTensor& c3 = constant(model, "c3.weight");
  CHECK(c3.sizes == std::vector<std::int64_t>{16, 6, 5, 5});
  const auto& values = std::get<std::vector<float>>(c3.values);
  REQUIRE(values.size() == 16 * 6 * 25);
  CHECK(values[0] == 1.0F);  // map 0 sees 0, 1, 2
  CHECK(values[2 * 25] == 51.0F);
  CHECK(values[3 * 25] == 0.0F);
  CHECK(values[(6 + 1) * 25] == 76.0F);  // map 1 sees 1, 2, 3
  CHECK(std::ranges::count(values, 0.0F) == (96 - 60) * 25);
  const auto& s2 = std::get<std::vector<float>>(constant(model, "s2.weight").values);
  CHECK(s2.size() == 6 * 4);
  CHECK(s2[4] == 2.0F);
}

TEST_CASE("the dense form has convolutions of the same weights, and free sizes", "[nodes][onnx]") {
  const Net net = vgg({.variant = "A", .classes = 5, .width = 0.06});
  const io::OnnxModel dense = model_of(net, {.form = OnnxForm::dense});
  CHECK(count(dense, "Gemm") == 0);
  CHECK(count(dense, "ReduceMean") == 1);
  const auto plain = model_of(net);
  CHECK(constant(dense, "fc6.weight").values == constant(plain, "fc6.weight").values);
  CHECK(constant(dense, "fc6.weight").sizes[2] == 7);
  CHECK(constant(dense, "fc7.weight").sizes[2] == 1);
  CHECK(std::holds_alternative<std::string>(dense.input.sizes[2]));
  CHECK(std::get<std::int64_t>(plain.input.sizes[2]) == 224);
}

TEST_CASE("forms that a net does not have are refused by the layer's name", "[nodes][onnx]") {
  const Net net = lenet({.variant = "1998"});
  CHECK_THAT(thrown([&] { model_of(net, {.form = OnnxForm::dense}); }), Contains("layer rbf"));
  CHECK_THAT(thrown([&] { model_of(net, {.ending = OnnxEnding::softmax}); }),
             Contains("valid: without --with-softmax"));
  Net apart = lenet({.variant = "modern"});
  for (Layer& layer : apart.layers)
    if (auto* const pool = std::get_if<MaxPool>(&layer.spec)) *pool = {.kernel = 1, .stride = 2};
  CHECK_THAT(thrown([&] { model_of(apart); }), Contains("pooling s2"));
}
