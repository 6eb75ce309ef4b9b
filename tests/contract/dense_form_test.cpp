// Nets over whole images: the layers for it on each backend of the CPU, and the dense form against
// its slow twin.
#include "runtime/net/dense_form.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/backend.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace sluice {
namespace {

using Values = std::vector<float>;

const std::vector<std::string>& subjects() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"reference"};
    try {
      (void)make_backend("onednn");
      all.emplace_back("onednn");
    } catch (const Error&) {  // a build without it
    }
    return all;
  }();
  return names;
}

Values random_values(std::size_t count, std::uint64_t seed) {
  Random random({.seed = seed, .stream = stream_id("test/dense")});
  Values values(count);
  for (float& value : values) value = static_cast<float>(random.uniform() - 0.5);
  return values;
}

struct Ran {
  Values scores, row_losses, gradient, before;  // of the first parameter; the kept layer
};

struct Question {
  const Net& net;
  NetState& state;
  std::string backend;
  ProgramOptions options;
};

// Forward, and backward in training.
Ran run(const Question& asked, const StepInput& input) {
  Ran ran;
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_backend(asked.backend);
    const auto program = backend->compile(asked.net, asked.state, asked.options);
    const auto done = [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    };
    program->run(Phase::forward, input, done);
    ran.scores.assign(program->scores().begin(), program->scores().end());
    ran.row_losses.assign(program->row_losses().begin(), program->row_losses().end());
    if (!asked.options.keep.empty()) {
      const Tensor kept = program->output(asked.options.keep.front());
      ran.before.assign(kept.values().begin(), kept.values().end());
    }
    if (asked.options.purpose == Purpose::evaluation) return;
    program->run(Phase::backward, input, done);
    const Parameter& first = asked.state.parameters()[0];
    ran.gradient.resize(static_cast<std::size_t>(first.info.shape.elements()));
    first.layout->to_canonical(first.gradient.values(), ran.gradient);
  });
  return ran;
}

double difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double most = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

// Everything in VGG's order, and dropout that halves.
Net small_net() {
  const Start start{.deviation = 0.2, .bias = 0.1};
  return {.name = "small",
          .channels = 3,
          .side = 12,
          .layers = {{"conv1", Conv2d{.out_channels = 20, .kernel = 3, .pad = {1, 1}}, start, "f0"},
                     {"relu1", Relu{}},
                     {"norm1", Lrn{.size = 3, .alpha = 0.1}},
                     {"pool1", MaxPool{}},
                     {"conv2", Conv2d{.out_channels = 17, .kernel = 3, .pad = {1, 1}}, start, "f1"},
                     {"relu2", Relu{}},
                     {"pool2", MaxPool{}},
                     {"fc6", FullyConnected{19}, start, "c0"},
                     {"relu6", Relu{}},
                     {"drop6", Dropout{}},
                     {"fc7", FullyConnected{5}, start, "c1"},
                     {"loss", SoftmaxLoss{}}}};
}

// One fully connected layer on one vector.
std::vector<double> connected(const NetState& state, std::size_t weights,
                              std::span<const double> in) {
  const Values w = state.read(weights), b = state.read(weights + 1);
  std::vector<double> out(b.begin(), b.end());
  for (std::size_t o = 0; o < out.size(); ++o)
    for (std::size_t i = 0; i < in.size(); ++i)
      out[o] += static_cast<double>(w[o * in.size() + i]) * in[i];
  return out;
}

// The slow twin: each window of the last plane (17, height, width) through fc6 and fc7, averaged.
Values scores_of_windows(const NetState& state, std::span<const float> plane, std::size_t height,
                         std::size_t width) {
  constexpr std::size_t kMaps = 17, kSide = 3;
  std::vector<double> sums(5, 0.0);
  std::size_t windows = 0;
  for (std::size_t top = 0; top + kSide <= height; ++top)
    for (std::size_t left = 0; left + kSide <= width; ++left, ++windows) {
      std::vector<double> in;
      for (std::size_t c = 0; c < kMaps; ++c)
        for (std::size_t y = top; y < top + kSide; ++y)
          for (std::size_t x = left; x < left + kSide; ++x)
            in.push_back(static_cast<double>(plane[(c * height + y) * width + x]));
      std::vector<double> hidden = connected(state, 4, in);
      for (double& unit : hidden) unit = 0.5 * std::max(unit, 0.0);
      const std::vector<double> scores = connected(state, 6, hidden);
      for (std::size_t s = 0; s < sums.size(); ++s) sums[s] += scores[s];
    }
  Values means;
  for (const double sum : sums)
    means.push_back(static_cast<float>(sum / static_cast<double>(windows)));
  return means;
}

StepInput input_of(const Values& rows, const std::vector<std::int32_t>& labels,
                   const Values& weights) {
  return {.rows = rows, .labels = labels, .row_weights = weights};
}

TEST_CASE("windows and their mean are the same on every backend of the CPU", "[backend][dense]") {
  for (const std::string& name : subjects()) {
    for (test::LayerCase c : test::window_cases()) {
      c.net.layers.insert(c.net.layers.begin(),
                          {.name = "before",
                           .spec = Conv2d{.out_channels = c.net.channels, .kernel = 1},
                           .start = {.deviation = 0.5, .bias = 0.1},
                           .file_name = "before"});
      CAPTURE(name, c.name);
      const test::CaseData data = test::case_data(c);
      const ProgramOptions options{.batch = c.batch, .purpose = Purpose::training};
      NetState a(c.net, 3), b(c.net, 3);
      const Ran ran = run({c.net, a, name, options}, data.input());
      const Ran expected = run({c.net, b, "reference", options}, data.input());
      CHECK(difference(ran.row_losses, expected.row_losses) < 1e-5);
      CHECK(difference(ran.gradient, expected.gradient) < 1e-5);
    }
  }
}

TEST_CASE("a dense form says what every window of the last plane would say on average",
          "[backend][dense]") {
  const Net net = small_net();
  const std::vector<std::int32_t> labels{0, 1};
  const Values weights{1.0F, 1.0F};
  for (const std::string& name : subjects()) {
    for (const Extent extent : {Extent{12, 12}, {16, 12}, {12, 25}, {23, 18}}) {
      CAPTURE(name, extent.width, extent.height);
      const Net dense = dense_form(net, extent);
      NetState state(net, 7);
      const auto pixels = static_cast<std::size_t>(extent.pixels());
      const Values rows = random_values(2 * 3 * pixels, 5);
      const Ran ran = run({dense, state, name, {.batch = 2, .keep = {"pool2"}}},
                          input_of(rows, labels, weights));
      const Shape plane = infer_shapes(dense)[6].out;
      const auto height = static_cast<std::size_t>(plane[1]);
      const auto width = static_cast<std::size_t>(plane[2]);
      const std::size_t of_row = ran.before.size() / 2;
      for (std::size_t row = 0; row < 2; ++row) {
        const Values expected = scores_of_windows(
            state, std::span(ran.before).subspan(row * of_row, of_row), height, width);
        CHECK(difference(std::span(ran.scores).subspan(row * 5, 5), expected) < 1e-4);
      }
    }
  }
}

TEST_CASE("over its own square a dense form is the net", "[backend][dense]") {
  const Net net = small_net();
  const Values rows = random_values(2 * 3 * 12 * 12, 9);
  const std::vector<std::int32_t> labels{3, 1};
  const Values weights{1.0F, 1.0F};
  for (const std::string& name : subjects()) {
    NetState a(net, 7), b(net, 7);
    const StepInput input = input_of(rows, labels, weights);
    const Ran whole = run({dense_form(net, {12, 12}), a, name, {.batch = 2}}, input);
    const Ran crop = run({net, b, name, {.batch = 2}}, input);
    CHECK(difference(whole.scores, crop.scores) < 1e-6);
  }
}

TEST_CASE("a program that may choose layouts takes no copies of parameters", "[backend][dense]") {
  if (subjects().size() < 2) return;
  const Net net = dense_form(small_net(), {24, 20});
  NetState kept(net, 7), chosen(net, 7);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_backend("onednn");
    const auto copies = backend->compile(net, kept, {.batch = 2})->bytes();
    const auto shared =
        backend->compile(net, chosen, {.batch = 2, .layouts = Layouts::chosen})->bytes();
    CHECK(shared < copies);
  });
  const Values rows = random_values(2 * 3 * 24 * 20, 9);
  const std::vector<std::int32_t> labels{3, 1};
  const Values weights{1.0F, 1.0F};
  const StepInput input = input_of(rows, labels, weights);
  NetState canonical(net, 7);
  CHECK(difference(run({net, chosen, "onednn", {.batch = 2}}, input).scores,
                   run({net, canonical, "reference", {.batch = 2}}, input).scores) < 1e-5);
}

TEST_CASE("sampled dropout draws the masks of training in evaluation too", "[backend][dropout]") {
  const Net net = small_net();
  const Values rows = random_values(2 * 3 * 12 * 12, 9);
  const std::vector<std::int32_t> labels{3, 1};
  const Values weights{1.0F, 1.0F};
  StepInput input = input_of(rows, labels, weights);
  input.seed = 4;
  input.step = 2;
  input.first_row = 6;
  NetState reference(net, 7);
  const Values trained =
      run({net, reference, "reference", {.batch = 2, .purpose = Purpose::training}}, input).scores;
  for (const std::string& name : subjects()) {
    NetState state(net, 7);
    const ProgramOptions sampled{.batch = 2, .dropout = DropoutUse::sampled};
    CHECK(difference(run({net, state, name, sampled}, input).scores, trained) < 1e-5);
    CHECK(difference(run({net, state, name, {.batch = 2}}, input).scores, trained) > 1e-3);
  }
}

TEST_CASE("nets without a dense form are refused in one line", "[backend][dense]") {
  Net flat = small_net();
  CHECK_THROWS_AS(dense_form(flat, {11, 12}), Error);
  flat.layers.erase(flat.layers.begin() + 7, flat.layers.end() - 1);
  CHECK_THROWS_AS(dense_form(flat, {12, 12}), Error);
}

}  // namespace
}  // namespace sluice
