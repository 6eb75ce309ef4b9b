// Activations and gradients share memory by lifetime: the same bits as with memory of their own,
// and a good deal less of it.
#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "runtime/backend/cpu_features.h"
#include "runtime/backend/onednn/program.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

using onednn::OnednnProgram;

constexpr std::uint32_t kSteps = 3;

struct Subject {
  Net net;
  int batch = 4;
  std::vector<float> rows;
  std::vector<std::int32_t> labels;
  std::vector<float> row_weights;
  std::vector<std::string> keep{};
  Purpose purpose = Purpose::training;
  Precision precision = Precision::f32;

  StepInput input(std::uint32_t step) const {
    return {.rows = rows,
            .labels = labels,
            .row_weights = row_weights,
            .seed = 5,
            .step = step,
            .rate = 0.01};
  }
};

Subject subject_of(Net net, int batch) {
  Subject subject{.net = std::move(net), .batch = batch};
  Random random({.seed = 3, .stream = stream_id("test/rows")});
  const auto count = static_cast<std::size_t>(batch);
  const auto side = static_cast<std::size_t>(subject.net.side);
  subject.rows.resize(count * side * side * static_cast<std::size_t>(subject.net.channels));
  for (float& value : subject.rows) value = static_cast<float>(random.normal());
  for (std::size_t i = 0; i < count; ++i)
    subject.labels.push_back(static_cast<std::int32_t>(i) % class_count(subject.net));
  subject.row_weights.assign(count, 1.0F);
  return subject;
}

using Values = std::vector<float>;

Values copy_of(std::span<const float> values) { return {values.begin(), values.end()}; }

// Everything a caller can see after each step, read when the step is over.
std::vector<Values> trace_of(const Subject& subject, Sharing sharing) {
  std::vector<Values> seen;
  NetState state(subject.net, 1);
  OnednnProgram program(subject.net, state,
                        {.batch = subject.batch,
                         .purpose = subject.purpose,
                         .precision = subject.precision,
                         .keep = subject.keep},
                        sharing);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const StepInput input = subject.input(step);
    run_now(program, Phase::forward, input);
    if (subject.purpose == Purpose::training) {
      run_now(program, Phase::backward, input);
      for (const Parameter& parameter : state.parameters())
        seen.push_back(copy_of(parameter.gradient.values()));
      run_now(program, Phase::update, input);
    }
    seen.push_back(copy_of(program.scores()));
    seen.push_back(copy_of(program.row_losses()));
    for (const std::string& name : subject.keep)
      seen.push_back(copy_of(std::as_const(program).output(name).values()));
    for (std::size_t i = 0; i < state.parameters().size(); ++i) seen.push_back(state.read(i));
  }
  return seen;
}

// Not NaN on both sides alone: bytes.
bool same_bits(const Values& a, const Values& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
           return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
         });
}

void check_same_bits(const Subject& subject) {
  Arena arena(2);
  arena.run([&] {
    const std::vector<Values> shared = trace_of(subject, Sharing::by_lifetime);
    const std::vector<Values> apart = trace_of(subject, Sharing::none);
    REQUIRE(shared.size() == apart.size());
    std::size_t differing = 0;
    for (std::size_t i = 0; i < shared.size(); ++i) differing += !same_bits(shared[i], apart[i]);
    CHECK(differing == 0);
    const bool finite = std::ranges::all_of(shared, [](const Values& values) {
      return std::ranges::none_of(values, [](float v) { return std::isnan(v); });
    });
    CHECK(finite);
  });
}

Net small_alexnet(double drop) {
  Net net = nodes::alexnet({.classes = 7, .width = 0.08, .drop = drop});
  for (Layer& layer : net.layers) layer.start = {.weights = Start::Weights::he_normal};
  return net;
}

// VGG's configuration D (Simonyan and Zisserman 2015, table 1), `width` channels where it has 64.
Net vgg_d(int width, int side) {
  Net net{.name = "vgg", .variant = "D", .channels = 3, .side = side};
  const auto add = [&](const std::string& name, LayerSpec spec) {
    net.layers.push_back(
        {.name = name, .spec = std::move(spec), .start = {.weights = Start::Weights::he_normal}});
  };
  const std::vector<std::pair<int, int>> blocks = {{2, 1}, {2, 2}, {3, 4}, {3, 8}, {3, 8}};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (int i = 0; i < blocks[b].first; ++i) {
      const std::string name = std::to_string(b + 1) + "_" + std::to_string(i + 1);
      add("conv" + name,
          Conv2d{.out_channels = blocks[b].second * width, .kernel = 3, .pad = {1, 1}});
      add("relu" + name, Relu{});
    }
    add("pool" + std::to_string(b + 1), MaxPool{});
  }
  for (const std::string name : {"6", "7"}) {
    add("fc" + name, FullyConnected{64 * width});
    add("relu" + name, Relu{});
    add("drop" + name, Dropout{});
  }
  add("fc8", FullyConnected{width == 64 ? 1000 : 10});
  add("loss", SoftmaxLoss{});
  return net;
}

// Part of the bytes that sharing saves.
double saved(Net net, int batch, Purpose purpose) {
  for (Layer& layer : net.layers) layer.start = {.deviation = 0.0};
  double part = 0.0;
  Arena arena(2);
  arena.run([&] {
    NetState state(net, 1);
    const ProgramOptions options{.batch = batch, .purpose = purpose};
    const OnednnProgram shared(net, state, options);
    const OnednnProgram apart(net, state, options, Sharing::none);
    part = 1.0 - static_cast<double>(shared.bytes()) / static_cast<double>(apart.bytes());
  });
  return part;
}

}  // namespace

TEST_CASE("sharing memory changes no bit of any layer", "[backend][onednn][memory]") {
  for (const LayerCase& c : layer_cases()) {
    CAPTURE(c.name);
    Subject subject{.net = c.net, .batch = c.batch};
    const CaseData data = case_data(c);
    subject.rows = data.rows;
    subject.labels = data.labels;
    subject.row_weights =
        data.row_weights.empty() ? Values(data.labels.size(), 1.0F) : data.row_weights;
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      subject.purpose = purpose;
      check_same_bits(subject);
    }
  }
}

TEST_CASE("sharing memory changes no bit of a whole net", "[backend][onednn][memory]") {
  for (const bool rows_left_out : {false, true}) {
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      Subject alexnet = subject_of(small_alexnet(0.5), 6);
      Subject vgg = subject_of(vgg_d(4, 64), 5);
      Subject lenet = subject_of(nodes::lenet({.variant = "1998"}), 5);
      for (Subject* subject : {&alexnet, &vgg, &lenet}) {
        CAPTURE(rows_left_out, subject->net.name);
        subject->purpose = purpose;
        if (rows_left_out) subject->row_weights[1] = subject->row_weights.back() = 0.0F;
        check_same_bits(*subject);
      }
    }
  }
}

TEST_CASE("sharing memory changes no bit in bf16", "[backend][onednn][memory]") {
  if (!has_native_bf16()) {
    WARN("skipped: this processor has no bf16");
    return;
  }
  for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
    Subject alexnet = subject_of(small_alexnet(0.5), 6);
    Subject vgg = subject_of(vgg_d(4, 64), 5);
    for (Subject* subject : {&alexnet, &vgg}) {
      CAPTURE(subject->net.name);
      subject->purpose = purpose;
      subject->precision = Precision::bf16;
      subject->row_weights[1] = 0.0F;
      check_same_bits(*subject);
    }
  }
}

TEST_CASE("what is kept lasts to the end of the step", "[backend][onednn][memory]") {
  const Net net = small_alexnet(0.5);
  for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
    Subject all = subject_of(net, 3);
    all.purpose = purpose;
    for (std::size_t i = 0; i + 1 < net.layers.size(); ++i) all.keep.push_back(net.layers[i].name);
    check_same_bits(all);
    Subject one = subject_of(net, 3);
    one.purpose = purpose;
    for (std::size_t i = 0; i < net.layers.size(); i += 3) {
      CAPTURE(net.layers[i].name);
      one.keep = {net.layers[i].name};
      check_same_bits(one);
    }
  }
}

TEST_CASE("sharing memory saves a quarter of what the published nets would need",
          "[backend][onednn][memory]") {
  CHECK(saved(nodes::alexnet({}), 128, Purpose::training) >= 0.25);
  CHECK(saved(nodes::alexnet({}), 128, Purpose::evaluation) >= 0.25);
  CHECK(saved(vgg_d(64, 224), 32, Purpose::training) >= 0.25);
  CHECK(saved(vgg_d(64, 224), 32, Purpose::evaluation) >= 0.25);
}

TEST_CASE("a program takes no memory for arrays before its first step",
          "[backend][onednn][memory]") {
  const Net net = vgg_d(4, 64);
  Arena arena(2);
  arena.run([&] {
    NetState state(net, 1);
    // Far beyond what this machine has.
    const OnednnProgram program(net, state, {.batch = 1 << 20, .purpose = Purpose::training});
    CHECK(program.bytes() > std::size_t{1} << 38);
  });
}

}  // namespace sluice::test
