// Plans of the cuDNN backend: what each operation reads is what the one before it wrote, for every
// net at its published batch; and nothing is done that nobody needs.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/cudnn/operation_arrays.h"
#include "runtime/backend/cudnn/plan.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace sluice::test {
namespace {

using namespace cudnn;

// Bytes of the program's block, and by whom each was written last: a slow twin of the lifetimes,
// which knows nothing of them.
class WrittenBytes {
 public:
  struct Writer {
    std::size_t offset, bytes;
    int time;
    friend bool operator==(const Writer&, const Writer&) = default;
  };

  void write(const Array& array, std::size_t bytes) {
    const std::size_t begin = array.offset, end = array.offset + bytes;
    split(begin);
    split(end);
    written_.erase(written_.lower_bound(begin), written_.lower_bound(end));
    written_[begin] = {end, {begin, bytes, ++time_}};
    end_ = std::max(end_, end);
  }
  // Whether all of the array was written by one operation, as this same array.
  bool is_whole(const Array& array, std::size_t bytes) const {
    const auto found = written_.find(array.offset);
    return found != written_.end() && found->second.end == array.offset + bytes &&
           found->second.writer.offset == array.offset && found->second.writer.bytes == bytes;
  }
  std::size_t end() const { return end_; }

 private:
  struct Stretch {
    std::size_t end;
    Writer writer;
  };
  // No stretch goes over `at` from now on.
  void split(std::size_t at) {
    auto found = written_.lower_bound(at);
    if (found == written_.begin()) return;
    --found;
    if (found->second.end <= at) return;
    written_[at] = found->second;
    found->second.end = at;
  }

  std::map<std::size_t, Stretch> written_;  // by begin
  std::size_t end_ = 0;
  int time_ = 0;
};

// What stands wrong in a plan, in words.
class PlanCheck {
 public:
  explicit PlanCheck(const Plan& plan) : plan_(plan) {
    run(plan.take_rows);
    run(plan.take_bytes);
    run(plan.forward);
    expect(plan.scores, "scores");
    expect(plan.losses, "losses");
    run(plan.backward);
    run(plan.update);
    for (const Array& kept : plan.kept) expect(kept, "kept");
    if (written_.end() > plan.program_bytes) wrong_.push_back("beyond the block");
  }
  const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  void run(const std::vector<Operation>& operations) {
    for (Operation operation : operations) {
      const std::string name = operation.layer + ", " + operation_name(operation.what);
      for_each_array(operation.what, [&](Array& array, ArrayUse use) {
        if (array.offset % 256 != 0) wrong_.push_back(name + ": not aligned");
        if (array.home != Home::program) return;
        if (use.access == Access::write) return written_.write(array, use.bytes);
        const auto scratch = std::get_if<BiasGradient>(&operation.what);
        if (scratch != nullptr && scratch->partial.offset == array.offset) return;
        if (!written_.is_whole(array, use.bytes)) wrong_.push_back(name + ": reads what is gone");
      });
    }
  }
  void expect(const Array& array, const std::string& name) {
    const std::size_t value = array.element == Precision::bf16 ? 2 : 4;
    if (!written_.is_whole(array, static_cast<std::size_t>(array.count) * value))
      wrong_.push_back(name + ": gone");
  }

  const Plan& plan_;
  WrittenBytes written_;
  std::vector<std::string> wrong_;
};

Plan plan_of(const Net& net, const ProgramOptions& options) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  const ParameterArrangement parameters(net);
  return plan_program({.net = net, .shapes = shapes, .options = options, .parameters = parameters});
}

struct Published {
  Net net;
  int batch = 128;
};

std::vector<Published> published_nets() {
  std::vector<Published> nets;
  for (const std::string& variant : nodes::lenet_variants())
    nets.push_back({nodes::lenet({.variant = variant}), 64});
  for (const std::string& variant : nodes::alexnet_variants())
    nets.push_back({nodes::alexnet({.variant = variant}), 128});
  for (const std::string& variant : nodes::vgg_variants())
    nets.push_back({nodes::vgg({.variant = variant}), 256});
  return nets;
}

std::vector<std::string> words(const std::vector<Operation>& operations) {
  std::vector<std::string> all;
  for (const Operation& o : operations) all.push_back(o.layer + ": " + operation_name(o.what));
  return all;
}

bool has(const std::vector<std::string>& all, const std::string& word) {
  return std::ranges::find(all, word) != all.end();
}

Net three_layers(const std::vector<std::size_t>& frozen) {
  Net net{.name = "three", .channels = 3, .side = 8};
  net.layers = {{"conv", Conv2d{.out_channels = 8, .kernel = 3}, {}, "a"},
                {"relu", Relu{}},
                {"conv2", Conv2d{.out_channels = 8, .kernel = 3}, {}, "b"},
                {"norm", Lrn{}},
                {"fc", FullyConnected{4}, {}, "c"},
                {"loss", SoftmaxLoss{}}};
  for (const std::size_t layer : frozen) net.layers[layer].learning.frozen = true;
  return net;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("no plan of a published net reads what another array has overwritten", "[cudnn][plan]") {
  const std::vector<Published> nets = published_nets();
  CHECK(nets.size() == 18);
  for (const Published& p : nets) {
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
        CAPTURE(p.net.name, p.net.variant, precision_name(precision), purpose);
        const Plan plan =
            plan_of(p.net, {.batch = p.batch, .purpose = purpose, .precision = precision});
        CHECK(PlanCheck(plan).wrong() == Words{});
        CHECK(plan.program_bytes < plan.unshared_bytes);
        CHECK(plan.backward.empty() == (purpose == Purpose::evaluation));
      }
    }
  }
}

TEST_CASE("no plan of a layer or with kept outputs reads what is gone", "[cudnn][plan]") {
  for (const LayerCase& c : layer_cases()) {
    ProgramOptions options{.batch = c.batch};
    std::vector<std::vector<std::string>> kept{{}};
    for (const Layer& layer : c.net.layers) kept.push_back({layer.name});
    kept.emplace_back();
    for (const Layer& layer : c.net.layers) kept.back().push_back(layer.name);
    for (const std::vector<std::string>& keep : kept) {
      for (const Precision precision : {Precision::f32, Precision::bf16}) {
        for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
          CAPTURE(c.name, keep, precision_name(precision), purpose);
          options.keep = keep;
          options.precision = precision;
          options.purpose = purpose;
          CHECK(PlanCheck(plan_of(c.net, options)).wrong() == Words{});
        }
      }
    }
  }
}

TEST_CASE("the check of plans finds an array that lies on another", "[cudnn][plan]") {
  const Net net = nodes::alexnet({.width = 0.1});
  const Plan good = plan_of(net, {.batch = 4, .purpose = Purpose::training});
  int found = 0, tried = 0;
  for (std::size_t i = 0; i + 1 < good.forward.size(); ++i) {
    Plan bad = good;
    for_each_array(bad.forward[i].what, [&](Array& array, ArrayUse use) {
      if (array.home == Home::program && use.access == Access::write) array.offset += 256;
    });
    ++tried;
    found += PlanCheck(bad).wrong().empty() ? 0 : 1;
  }
  CHECK(found == tried);
}

TEST_CASE("sharing saves a good part of what AlexNet and VGG-D would need", "[cudnn][plan]") {
  for (const Net& net : {nodes::alexnet({}), nodes::vgg({.variant = "D"})}) {
    const Plan plan = plan_of(net, {.batch = 64, .purpose = Purpose::training});
    CAPTURE(net.name);
    CHECK(static_cast<double>(plan.program_bytes) <=
          0.75 * static_cast<double>(plan.unshared_bytes));
  }
}

TEST_CASE("a step of three layers is what it should be and no more", "[cudnn][plan]") {
  const Plan plan = plan_of(three_layers({}), {.batch = 2, .purpose = Purpose::training});
  CHECK(words(plan.take_rows) == Words{"rows: take rows"});
  CHECK(words(plan.take_bytes) == Words{"rows: take bytes"});
  CHECK(words(plan.forward) == Words{"conv: convolution and relu forward",
                                     "conv2: convolution forward", "norm: LRN forward",
                                     "fc: product forward", "loss: loss forward"});
  CHECK(words(plan.backward) ==
        Words{"loss: loss backward", "fc: bias gradient", "fc: product backward weights",
              "fc: product backward data", "norm: LRN backward", "conv2: bias gradient",
              "conv2: convolution backward weights", "conv2: convolution backward data",
              "relu: relu backward", "conv: bias gradient", "conv: convolution backward weights"});
  CHECK(words(plan.update) == Words{"parameters: update"});
  CHECK(launches(plan.forward) == 5);
  CHECK(launches(plan.backward) == 11 + 3);
  const Plan rounded = plan_of(
      three_layers({}), {.batch = 2, .purpose = Purpose::training, .precision = Precision::bf16});
  CHECK(words(rounded.forward).front() == "weights: round to bf16");
}

TEST_CASE("nothing is planned for frozen layers that nobody needs", "[cudnn][plan]") {
  const auto backward = [](const std::vector<std::size_t>& frozen) {
    return words(
        plan_of(three_layers(frozen), {.batch = 2, .purpose = Purpose::training}).backward);
  };
  CHECK(backward({0, 2}) ==
        Words{"loss: loss backward", "fc: bias gradient", "fc: product backward weights"});
  CHECK(backward({0, 2, 4}).empty());
  CHECK_FALSE(has(backward({2}), "conv2: convolution backward weights"));
  CHECK(has(backward({2}), "conv2: convolution backward data"));
}

TEST_CASE("what is kept is not overwritten, and evaluation's dropout costs nothing",
          "[cudnn][plan]") {
  Net net = three_layers({});
  net.layers.insert(net.layers.begin() + 4,
                    {{"drop", Dropout{.scaling = Dropout::Scaling::inverted}}});
  const Plan evaluation = plan_of(net, {.batch = 2});
  CHECK_FALSE(has(words(evaluation.forward), "drop: dropout forward"));
  const Plan kept = plan_of(net, {.batch = 2, .keep = {"conv", "relu"}});
  CHECK(has(words(kept.forward), "conv: convolution forward"));
  CHECK(has(words(kept.forward), "relu: relu forward"));
  CHECK(kept.kept[0].offset != kept.kept[1].offset);
}

TEST_CASE("a net's plan is told where there is no device, in full", "[cudnn][plan]") {
  Net net = nodes::alexnet({});
  for (Layer& layer : net.layers) layer.start = {.deviation = 0.0};
  const auto backend = make_cudnn_backend({.device = nullptr, .reason = "no NVIDIA driver found"});
  CHECK(backend->unusable() == "no NVIDIA driver found");
  NetState state(net, 1);
  const auto program = backend->compile(net, state, {.batch = 128, .purpose = Purpose::training});
  const auto plan = device_plan(*program);
  REQUIRE(plan);
  CHECK(plan->lists.size() == 3);
  const auto parameters = static_cast<std::size_t>(parameter_count(net)) * sizeof(float);
  CHECK(plan->parameter_bytes >= 3 * parameters);
  CHECK(plan->parameter_bytes < 3 * parameters + std::size_t{16} * 3 * 512);
  CHECK(plan->input_bytes == std::size_t{2} * 128 * 3 * 224 * 224 * 4);
  CHECK(plan->activation_bytes > 0);
  CHECK_FALSE(plan->library_bytes);
  CHECK(plan->layouts.size() == 6);  // five convolutions and the first fully connected layer
}

}  // namespace sluice::test
