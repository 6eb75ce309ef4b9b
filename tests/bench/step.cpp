// A whole training step (forward, backward, update) of AlexNet `paper` on the oneDNN backend
// against its own convolution and inner-product primitives run bare:
//   bench_step [--batch N] [--rounds R] [--threads N]
// Both take turns in every round, each round begins with the other one.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>

#include "nodes/nets/alexnet.h"
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
  Bench(const Net& net, int batch)
      : data_(make_batch(net, batch)), state_(net, 1), bare_(net, batch) {
    program_ = make_backend("onednn")->compile(net, state_,
                                               {.batch = batch, .purpose = Purpose::training});
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

void run(const Options& options) {
  const Net net = nodes::alexnet({});
  Arena arena(options.threads);
  fmt::print("AlexNet {}, batch {}, f32, {} rounds, {} threads\n", net.variant, options.batch,
             options.rounds, arena.threads());
  arena.run([&] {
    Bench bench(net, options.batch);
    bench.compare();
    bench.warm();
    for (int i = 0; i < options.rounds; ++i) bench.round(i);
    bench.print();
  });
}

Options parsed(std::span<char*> arguments) {
  Options options;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    int* const value = name == "--batch"     ? &options.batch
                       : name == "--rounds"  ? &options.rounds
                       : name == "--threads" ? &options.threads
                                             : nullptr;
    require(value != nullptr && i + 1 < arguments.size(),
            "'{}': valid are --batch N, --rounds N and --threads N", name);
    *value = std::atoi(arguments[i + 1]);
    require(*value >= 1 && *value <= 4096, "{} is '{}', it must be between 1 and 4096", name,
            arguments[i + 1]);
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
