// A whole training step (forward, backward, update) of a net on the oneDNN backend against its own
// convolution and inner-product primitives run bare:
//   bench_step [--net alexnet|vgg-d] [--precision f32|bf16] [--batch N] [--rounds R] [--threads N]
// Both take turns in every round, each round begins with the other one.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/vgg.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "runtime/random.h"
#include "tests/bench/cpu_time.h"
#include "tests/bench/step_primitives.h"
#include "tests/bench/step_report.h"

namespace sluice::bench {
namespace {

constexpr int kWarm = 2;  // steps of each that are not measured

struct Options {
  std::string net = "alexnet";
  Precision precision = Precision::f32;
  int batch = 128;
  int rounds = 9;
  int threads = 0;
};

struct Batch {
  std::vector<float> rows;
  std::vector<std::int32_t> labels;
  std::vector<float> weights;
};

Batch make_batch(const Net& net, int size) {
  const auto rows = static_cast<std::size_t>(size);
  const auto row = static_cast<std::size_t>(net.channels * net.side * net.side);
  Batch batch{.rows = std::vector<float>(rows * row),
              .labels = std::vector<std::int32_t>(rows),
              .weights = std::vector<float>(rows, 1.0F)};
  Random random({.seed = 1, .stream = stream_id("bench/rows")});
  for (float& value : batch.rows) value = static_cast<float>(random.uniform() * 2.0 - 1.0);
  for (std::size_t i = 0; i < rows; ++i) batch.labels[i] = static_cast<std::int32_t>(i % 1000);
  return batch;
}

// The program and its bare primitives. Make and use it inside the arena.
class Bench {
 public:
  Bench(const Net& net, const BareStep& step)
      : data_(make_batch(net, step.batch)), state_(net, 1), bare_(net, step) {
    program_ = make_backend("onednn")->compile(
        net, state_,
        {.batch = step.batch, .purpose = Purpose::training, .precision = step.precision});
    input_ = {
        .rows = data_.rows, .labels = data_.labels, .row_weights = data_.weights, .rate = 0.001};
  }

  // Throws Error{run} unless both got the same implementations: else the comparison says nothing.
  void compare() const {
    const auto ours = onednn::implementations(*program_);
    const auto same = [](const auto& a, const auto& b) {
      return a.layer == b.layer && a.use == b.use && a.name == b.name;
    };
    if (!std::ranges::equal(ours, bare_.implementations(), same))
      fail(ErrorKind::run, "the program and the bare primitives got different implementations");
    for (const onednn::Implementation& i : ours) {
      fmt::print("  {:<8}{:<18}{}\n", i.layer, i.use, i.name);
    }
  }

  void warm() {
    for (int i = 0; i < kWarm; ++i) {
      step();
      bare_.step();
    }
  }

  void round(int number) {
    if (number % 2 == 0) measure_step();
    measure(bare_rounds_, [&] { bare_.step(); });
    bare_rounds_.layers.push_back(bare_.seconds());
    if (number % 2 == 1) measure_step();
  }

  void print() const {
    fmt::print("{}{}{}\n{}", rounds_line("step", step_rounds_), rounds_line("bare", bare_rounds_),
               ratio_lines(step_rounds_, bare_rounds_), layer_table(step_rounds_, bare_rounds_));
    fmt::print("ms, medians of {} rounds; {:.0f} MB beside the parameters\n",
               step_rounds_.seconds.size(), static_cast<double>(program_->bytes()) * 1e-6);
  }

 private:
  void step() {
    for (const Phase phase : {Phase::forward, Phase::backward, Phase::update}) {
      program_->run(phase, input_, [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
      });
    }
    ++input_.step;
  }

  void measure(StepRounds& rounds, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = process_cpu_seconds();
    work();
    rounds.cpu_seconds.push_back(process_cpu_seconds() - cpu_start);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rounds.seconds.push_back(seconds.count());
  }

  void measure_step() {
    measure(step_rounds_, [&] { step(); });
    const auto layers = onednn::layer_seconds(*program_);
    step_rounds_.layers.emplace_back(layers.begin(), layers.end());
  }

  Batch data_;
  NetState state_;
  BarePrimitives bare_;
  std::unique_ptr<Program> program_;
  StepInput input_;
  StepRounds step_rounds_, bare_rounds_;
};

// At published width.
Net net_of(const std::string& name) {
  return name == "vgg-d" ? nodes::vgg({.variant = "D"}) : nodes::alexnet({});
}

void run(const Options& options) {
  const Net net = net_of(options.net);
  Arena arena(options.threads);
  fmt::print("{} {}, batch {}, {}, {} rounds, {} threads\n", net.name, net.variant, options.batch,
             precision_name(options.precision), options.rounds, arena.threads());
  arena.run([&] {
    Bench bench(net, {.batch = options.batch, .precision = options.precision});
    bench.compare();
    bench.warm();
    for (int i = 0; i < options.rounds; ++i) bench.round(i);
    bench.print();
  });
}

void set_number(int& value, std::string_view name, const char* text) {
  value = std::atoi(text);
  require(value >= 1 && value <= 4096, "{} is '{}', it must be between 1 and 4096", name, text);
}

void set_option(Options& options, std::string_view name, const char* text) {
  const std::string_view word = text;
  if (name == "--batch") return set_number(options.batch, name, text);
  if (name == "--rounds") return set_number(options.rounds, name, text);
  if (name == "--threads") return set_number(options.threads, name, text);
  if (name == "--net") {
    require(word == "alexnet" || word == "vgg-d", "--net '{}': valid are alexnet, vgg-d", word);
    options.net = word;
    return;
  }
  require(word == "f32" || word == "bf16", "--precision '{}': valid are f32, bf16", word);
  options.precision = word == "bf16" ? Precision::bf16 : Precision::f32;
}

Options parsed(std::span<char*> arguments) {
  constexpr std::array<std::string_view, 5> kNames = {"--net", "--precision", "--batch", "--rounds",
                                                      "--threads"};
  Options options;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    require(std::ranges::find(kNames, name) != kNames.end() && i + 1 < arguments.size(),
            "'{}': valid are --net NAME, --precision P, --batch N, --rounds N and --threads N",
            name);
    set_option(options, name, arguments[i + 1]);
  }
  return options;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  try {
    sluice::bench::run(sluice::bench::parsed({argv, static_cast<std::size_t>(argc)}));
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_step: {}\n", error.what());
    return 1;
  }
  return 0;
}
