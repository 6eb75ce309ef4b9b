// Programs in bf16 against the reference in f32: what rounding activations and weights to eight
// bits may cost, and what it must not touch.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "runtime/backend/cpu_features.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/onednn/element.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

// Of a gradient's norm: of weights, of biases.
struct Tolerance {
  double weights, biases;
};
constexpr Tolerance kOneLayer{5e-2, 0.15};
// Where rounding turns a ReLU or makes another pixel win a window, a whole slope goes elsewhere:
// one in a hundred is a tenth of the norm. Weights that were mixed up are off by 1 and more.
constexpr Tolerance kKinks{0.25, 0.25};
constexpr double kScoreTolerance = 2e-2;
constexpr double kLossTolerance = 2e-2;
constexpr std::uint64_t kStateSeed = 17;

// Without AVX-512 oneDNN has no bf16, and programs do not compile.
bool skipped() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw") != 0) return false;
  WARN("skipped: this processor has no AVX-512");
  return true;
}

// Whether the layer has a bf16 form.
bool has_bf16(const LayerCase& c) {
  return std::ranges::none_of(c.net.layers, [](const Layer& layer) {
    return std::holds_alternative<PartialConv2d>(layer.spec) ||
           std::holds_alternative<Subsample>(layer.spec) ||
           std::holds_alternative<Rbf>(layer.spec) || std::holds_alternative<MapLoss>(layer.spec);
  });
}

bool is_whole_net(const LayerCase& c) { return c.net.layers.size() > 6; }

bool scores_are_computed(const LayerCase& c) {
  const LayerSpec& last = c.net.layers[c.net.layers.size() - 2].spec;
  return std::holds_alternative<FullyConnected>(last) || std::holds_alternative<Conv2d>(last);
}

// Rows that bf16 holds exactly: the first layers of both see the same.
CaseData rounded_data(const LayerCase& c) {
  CaseData data = case_data(c);
  for (float& value : data.rows) value = to_float(rounded_to<Bf16>(value));
  return data;
}

struct How {
  std::string backend = "onednn";
  Precision precision = Precision::bf16;
  Purpose purpose = Purpose::training;
  std::vector<std::string> keep{};
};
const How kReference{.backend = "reference", .precision = Precision::f32};

struct Compiled {
  std::unique_ptr<Program> program;

  Compiled(const LayerCase& c, NetState& state, const How& how)
      : program(make_backend(how.backend)
                    ->compile(c.net, state,
                              {.batch = c.batch,
                               .purpose = how.purpose,
                               .precision = how.precision,
                               .keep = how.keep})) {}

  void run(Phase phase, const StepInput& input) const { run_now(*program, phase, input); }
  void gradients(const StepInput& input) const {
    run(Phase::forward, input);
    run(Phase::backward, input);
  }
  void step(const StepInput& input) const {
    gradients(input);
    run(Phase::update, input);
  }
  double mean_loss() const {
    double sum = 0.0;
    for (const float loss : program->row_losses()) sum += static_cast<double>(loss);
    return sum / static_cast<double>(program->row_losses().size());
  }
};

struct Gradients {
  std::vector<float> scores, losses;
  std::vector<std::vector<float>> gradients;  // canonical
};

Gradients gradients_of(const LayerCase& c, const CaseData& data, const How& how) {
  Gradients found;
  NetState state(c.net, kStateSeed);
  Arena arena(2);
  arena.run([&] {
    const Compiled compiled(c, state, how);
    compiled.gradients(data.input());
    const Program& program = *compiled.program;
    found.scores.assign(program.scores().begin(), program.scores().end());
    found.losses.assign(program.row_losses().begin(), program.row_losses().end());
    for (const Parameter& parameter : state.parameters()) {
      found.gradients.push_back(canonical_gradient(parameter));
    }
  });
  return found;
}

void check_close(const LayerCase& c, const Tolerance& tolerance, const Gradients& subject,
                 const Gradients& reference) {
  CHECK(difference(counting(c, subject.scores), counting(c, reference.scores)) <= kScoreTolerance);
  CHECK(difference(subject.losses, reference.losses) <= kLossTolerance);
  const std::vector<ParameterInfo> infos = parameters(c.net);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    CAPTURE(infos[i].file_name, i);
    const bool weights = infos[i].role == ParameterRole::weights;
    CHECK(difference(subject.gradients[i], reference.gradients[i]) <=
          (weights ? tolerance.weights : tolerance.biases));
  }
}

// Maps of whole vectors and beyond, every layer that bf16 has, two towers.
Net small_net() {
  const Start start{.deviation = 0.08, .bias = 0.1};
  return {
      .name = "small",
      .channels = 3,
      .side = 43,
      .layers = {
          {"conv1", Conv2d{.out_channels = 48, .kernel = 11, .stride = 4, .pad = {0, 3}}, start},
          {"relu1", Relu{}},
          {"norm1", Lrn{.alpha = 1e-2, .towers = 2}},
          {"pool1", MaxPool{.kernel = 3, .stride = 2}},
          {"conv2", Conv2d{.out_channels = 64, .kernel = 5, .pad = {2, 2}, .groups = 2}, start},
          {"relu2", Relu{}},
          {"pool2", MaxPool{.kernel = 2, .stride = 2}},
          {"norm2", Lrn{.alpha = 1e-2, .towers = 2}},
          {"conv3", Conv2d{.out_channels = 40, .kernel = 3, .pad = {1, 1}}, start},
          {"relu3", Relu{}},
          {"fc6", FullyConnected{70}, start},
          {"relu6", Relu{}},
          {"drop6", Dropout{}},
          {"fc7", FullyConnected{33}, start},
          {"relu7", Relu{}},
          {"drop7", Dropout{.drop = 0.3, .scaling = Dropout::Scaling::inverted}},
          {"fc8", FullyConnected{4}, {.deviation = 0.1}},
          {"loss", SoftmaxLoss{}}}};
}

LayerCase small_case(int batch, std::vector<float> row_weights = {}) {
  return {
      .name = "small", .net = small_net(), .batch = batch, .row_weights = std::move(row_weights)};
}

// The same widths without ReLU and max-pooling: gradients that do not jump.
LayerCase without_kinks(LayerCase c) {
  std::erase_if(c.net.layers,
                [](const Layer& layer) { return std::holds_alternative<MaxPool>(layer.spec); });
  for (Layer& layer : c.net.layers) {
    if (std::holds_alternative<Relu>(layer.spec)) layer.spec = Tanh{};
  }
  c.name = "smooth";
  return c;
}

std::string refusal(const LayerCase& c, const How& how) {
  NetState state(c.net, kStateSeed);
  try {
    Arena arena(2);
    arena.run([&] { const Compiled compiled(c, state, how); });
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.what();
  }
  return "";
}

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

TEST_CASE("bf16 follows the reference on every layer", "[backend][bf16]") {
  if (skipped()) return;
  for (const LayerCase& c : layer_cases()) {
    if (!has_bf16(c) || !scores_are_computed(c)) continue;
    CAPTURE(c.name);
    const CaseData data = rounded_data(c);
    check_close(c, is_whole_net(c) ? kKinks : kOneLayer, gradients_of(c, data, {}),
                gradients_of(c, data, kReference));
  }
}

TEST_CASE("bf16 follows the reference through a net, for any batch", "[backend][bf16]") {
  if (skipped()) return;
  for (const LayerCase& c :
       {small_case(16), small_case(1), small_case(12, {1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1})}) {
    CAPTURE(c.batch);
    const CaseData data = case_data(c);
    check_close(c, kKinks, gradients_of(c, data, {}), gradients_of(c, data, kReference));
    const LayerCase smooth = without_kinks(c);
    check_close(smooth, kOneLayer, gradients_of(smooth, data, {}),
                gradients_of(smooth, data, kReference));
  }
}

TEST_CASE("bf16 training follows the losses of f32", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(32);
  const CaseData data = case_data(c);
  NetState state(c.net, kStateSeed), reference_state(c.net, kStateSeed);
  Arena arena(2);
  arena.run([&] {
    const Compiled subject(c, state, {});
    const Compiled reference(c, reference_state, {.precision = Precision::f32});
    StepInput input = data.input();
    input.rate = 0.03;
    double first = 0.0;
    for (int step = 0; step < 40; ++step, ++input.step) {
      CAPTURE(step);
      subject.step(input);
      reference.step(input);
      if (step == 0) first = reference.mean_loss();
      CHECK(std::abs(subject.mean_loss() - reference.mean_loss()) <=
            kLossTolerance * reference.mean_loss());
    }
    CHECK(reference.mean_loss() < 0.9 * first);
  });
}

TEST_CASE("masters, gradients and scores stay f32 in bf16", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(24);
  const CaseData data = case_data(c);
  NetState state(c.net, kStateSeed);
  const auto is_bf16 = [](float value) { return to_float(rounded_to<Bf16>(value)) == value; };
  Arena arena(2);
  arena.run([&] {
    const Compiled program(c, state, {});
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      CHECK(state.read(i) == NetState(c.net, kStateSeed).read(i));
    }
    program.step(data.input());
    CHECK_FALSE(std::ranges::all_of(program.program->scores(), is_bf16));
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      CAPTURE(i);
      CHECK_FALSE(std::ranges::all_of(state.read(i), is_bf16));
      CHECK_FALSE(std::ranges::all_of(state.parameters()[i].gradient.values(), is_bf16));
    }
  });
}

TEST_CASE("a row that does not count leaves no trace in bf16", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(3, {1, 0, 1});
  const CaseData clean = case_data(c);
  CaseData data = clean;
  const std::size_t row = data.rows.size() / 3;
  std::fill_n(data.rows.begin() + static_cast<std::ptrdiff_t>(row), row, std::nanf(""));
  data.labels[1] = -7;
  const Gradients found = gradients_of(c, data, {}), expected = gradients_of(c, clean, {});
  CHECK(found.losses == expected.losses);
  CHECK(found.losses[1] == 0.0F);
  CHECK(found.gradients == expected.gradients);
}

TEST_CASE("what is not a number reaches the losses in bf16 too", "[backend][bf16]") {
  if (skipped()) return;
  // No ReLU and no maximum on the way: both may hide it, in f32 as well.
  LayerCase c = small_case(2);
  std::erase_if(c.net.layers, [](const Layer& layer) {
    return !std::holds_alternative<Conv2d>(layer.spec) &&
           !std::holds_alternative<FullyConnected>(layer.spec) && !is_loss(layer.spec);
  });
  CaseData data = case_data(c);
  data.rows.back() = std::nanf("");
  const Gradients found = gradients_of(c, data, {});
  CHECK(std::isfinite(found.losses[0]));
  CHECK(std::isnan(found.losses[1]));
}

TEST_CASE("programs of both precisions share one state", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(6);
  const CaseData data = case_data(c);
  for (const Precision first : {Precision::f32, Precision::bf16}) {
    CAPTURE(precision_name(first));
    const Precision second = first == Precision::f32 ? Precision::bf16 : Precision::f32;
    NetState state(c.net, kStateSeed), reference_state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const How evaluation{.precision = second, .purpose = Purpose::evaluation};
      const Compiled before(c, state, evaluation);
      const Compiled training(c, state, {.precision = first});
      const Compiled other(c, state, {.precision = second});
      const Compiled after(c, state, evaluation);
      const Compiled reference(c, reference_state, kReference);
      training.step(data.input());
      other.step(data.input());
      training.step(data.input());
      for (int i = 0; i < 3; ++i) reference.step(data.input());
      for (std::size_t i = 0; i < state.parameters().size(); ++i) {
        CHECK(difference(state.read(i), reference_state.read(i)) <= 1e-2);
      }
      // From here on the same weights: only the rounding of the pass differs.
      for (std::size_t i = 0; i < state.parameters().size(); ++i) {
        reference_state.write(i, state.read(i));
      }
      const Compiled expected(
          c, reference_state,
          {.backend = "reference", .precision = Precision::f32, .purpose = Purpose::evaluation});
      expected.run(Phase::forward, data.input());
      for (const Compiled* program : {&before, &after}) {
        program->run(Phase::forward, data.input());
        CHECK(difference(program->program->scores(), expected.program->scores()) <=
              (second == Precision::f32 ? 1e-4 : kScoreTolerance));
      }
      CHECK(std::ranges::equal(before.program->scores(), after.program->scores()));
    });
  }
}

TEST_CASE("written parameters reach a program in bf16", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(2);
  const CaseData data = case_data(c);
  NetState state(c.net, kStateSeed), other(c.net, kStateSeed + 1);
  Arena arena(2);
  arena.run([&] {
    const How evaluation{.purpose = Purpose::evaluation};
    const Compiled program(c, state, evaluation), expected(c, other, evaluation);
    program.run(Phase::forward, data.input());
    for (std::size_t i = 0; i < state.parameters().size(); ++i) state.write(i, other.read(i));
    program.run(Phase::forward, data.input());
    expected.run(Phase::forward, data.input());
    CHECK(std::ranges::equal(program.program->scores(), expected.program->scores()));
  });
}

TEST_CASE("kept outputs of bf16 are f32, canonical and near the reference", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(3);
  const CaseData data = case_data(c);
  std::vector<std::string> layers;
  for (std::size_t i = 0; i + 1 < c.net.layers.size(); ++i) layers.push_back(c.net.layers[i].name);
  for (const Purpose purpose : {Purpose::evaluation, Purpose::training}) {
    NetState state(c.net, kStateSeed), reference_state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const Compiled program(c, state, {.purpose = purpose, .keep = layers});
      const Compiled reference(c, reference_state,
                               {.backend = "reference",
                                .precision = Precision::f32,
                                .purpose = purpose,
                                .keep = layers});
      program.run(Phase::forward, data.input());
      reference.run(Phase::forward, data.input());
      for (const std::string& layer : layers) {
        CAPTURE(layer);
        const Tensor expected = reference.program->output(layer);
        const Tensor got = program.program->output(layer);
        CHECK(got.shape() == expected.shape());
        CHECK(difference(got.values(), expected.values()) <= kScoreTolerance);
      }
    });
  }
}

TEST_CASE("LRN and max-pool in one give the bits of the two apart in bf16", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(4);
  const CaseData data = case_data(c);
  const Gradients together = gradients_of(c, data, {});
  const Gradients apart = gradients_of(c, data, {.keep = {"norm1"}});
  CHECK(together.scores == apart.scores);
  CHECK(together.gradients == apart.gradients);
}

TEST_CASE("a repeated run gives the same bits in bf16", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(7);
  const CaseData data = case_data(c);
  const Gradients first = gradients_of(c, data, {});
  for (int repeat = 0; repeat < 3; ++repeat) {
    CHECK(gradients_of(c, data, {}).gradients == first.gradients);
  }
}

TEST_CASE("a bf16 program takes less memory than one of f32", "[backend][bf16]") {
  if (skipped()) return;
  const LayerCase c = small_case(64);
  NetState state(c.net, kStateSeed);
  Arena arena(2);
  arena.run([&] {
    const std::size_t f32 = Compiled(c, state, {.precision = Precision::f32}).program->bytes();
    CHECK(Compiled(c, state, {}).program->bytes() < f32 / 4 * 3);
  });
}

TEST_CASE("without AVX-512 a net in bf16 is refused in one line", "[backend][bf16]") {
  if (__builtin_cpu_supports("avx512bw") != 0) return;
  const std::string line = refusal(small_case(2), {});
  CHECK((has(line, "bf16 on this processor") && has(line, "valid is precision f32")));
  CHECK((has(line, "layer ") && !has(line, "\n")));
}

TEST_CASE("a net that bf16 cannot compute is refused in one line", "[backend][bf16]") {
  if (skipped()) return;
  for (const LayerCase& c : layer_cases()) {
    if (has_bf16(c)) continue;
    const std::string line = refusal(c, {});
    CAPTURE(c.name, line);
    CHECK((has(line, "cannot be computed in bf16") && has(line, "valid is precision f32")));
    CHECK((has(line, "layer ") && !has(line, "\n")));
  }
  LayerCase relu_scores = small_case(2);
  relu_scores.net.layers.insert(relu_scores.net.layers.end() - 1, {"relu8", Relu{}});
  CHECK(has(refusal(relu_scores, {}), "layer relu8: in bf16 a convolution or fully connected"));
  const std::string line = refusal(small_case(2), {.backend = "reference"});
  CHECK((has(line, "bf16") && has(line, "f32") && !has(line, "\n")));
}

TEST_CASE("native bf16 is what oneDNN may use of the processor", "[backend][bf16]") {
  __builtin_cpu_init();
  const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (limit == nullptr) {
    // Every processor with AMX's bf16 has AVX512_BF16 too.
    CHECK(has_native_bf16() == (__builtin_cpu_supports("avx512bf16") != 0));
  } else {
    REQUIRE(std::string_view(limit) == "AVX512_CORE");
    CHECK_FALSE(has_native_bf16());
  }
}

}  // namespace sluice::test
