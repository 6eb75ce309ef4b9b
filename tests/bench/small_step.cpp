// A training step of LeNet-5 on the oneDNN backend, phase by phase and layer by layer: at batch 1
// what a call costs beside its arithmetic.
//   bench_small_step [--batch N] [--steps N] [--threads N]
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "nodes/nets/lenet.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/random.h"
#include "tests/bench/options.h"

namespace sluice::bench {
namespace {

constexpr int kWarm = 100;  // steps that are not measured

constexpr std::array kPhases = {Phase::forward, Phase::backward, Phase::update};

struct Options {
  int batch = 1;
  int steps = 2000;
  int threads = 1;
};

// Microseconds of one thing in every step. Lower quartiles stand for it: what disturbs a step this
// short comes from outside.
class Samples {
 public:
  void add(double seconds) { values_.push_back(seconds * 1e6); }
  double quartile() {
    const auto at = values_.begin() + static_cast<std::ptrdiff_t>(values_.size() / 4);
    std::nth_element(values_.begin(), at, values_.end());
    return *at;
  }

 private:
  std::vector<double> values_;
};

struct LayerSamples {
  Samples forward, backward, update;
};

UpdateRule rule_of(const Net& net) {
  if (net.variant == "1998") return DiagonalLmRule{};
  return SgdRule{};
}

class Bench {
 public:
  Bench(Net net, int batch)
      : net_(std::move(net)),
        state_(net_, 1),
        rows_(static_cast<std::size_t>(batch * net_.channels * net_.side * net_.side)),
        labels_(static_cast<std::size_t>(batch), 3),
        weights_(static_cast<std::size_t>(batch), 1.0F),
        layers_(net_.layers.size()) {
    Random random({.seed = 1, .stream = stream_id("bench/rows")});
    for (float& value : rows_) value = static_cast<float>(random.uniform() * 2.0 - 1.0);
    program_ = make_backend("onednn")->compile(
        net_, state_, {.batch = batch, .purpose = Purpose::training, .rule = rule_of(net_)});
  }

  void run(int steps) {
    for (int step = 0; step < kWarm + steps; ++step) {
      for (std::size_t i = 0; i < kPhases.size(); ++i) {
        const double seconds = timed(kPhases[i]);
        if (step >= kWarm) phases_[i].add(seconds);
      }
      if (step >= kWarm) add_layers();
    }
  }

  void print() {
    const double forward = phases_[0].quartile(), backward = phases_[1].quartile();
    const double update = phases_[2].quartile();
    fmt::print("LeNet-5 {}: {:.1f} us a step\n  {:<10}{:>9}{:>9}{:>9}\n", net_.variant,
               forward + backward + update, "", "forward", "backward", "update");
    fmt::print("  {:<10}{:9.1f}{:9.1f}{:9.1f}\n", "phase", forward, backward, update);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      fmt::print("  {:<10}{:9.2f}{:9.2f}{:9.2f}\n", net_.layers[i].name,
                 layers_[i].forward.quartile(), layers_[i].backward.quartile(),
                 layers_[i].update.quartile());
    }
  }

 private:
  double timed(Phase phase) {
    const StepInput input{.rows = rows_, .labels = labels_, .row_weights = weights_, .rate = 1e-5};
    const auto start = std::chrono::steady_clock::now();
    program_->run(phase, input, [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  void add_layers() {
    const auto seconds = onednn::layer_seconds(*program_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      layers_[i].forward.add(seconds[i].forward);
      layers_[i].backward.add(seconds[i].backward);
      layers_[i].update.add(seconds[i].update);
    }
  }

  Net net_;
  NetState state_;
  std::vector<float> rows_;
  std::vector<std::int32_t> labels_;
  std::vector<float> weights_;
  std::unique_ptr<Program> program_;
  std::array<Samples, kPhases.size()> phases_;
  std::vector<LayerSamples> layers_;
};

void run(const Options& options) {
  Arena arena(options.threads);
  fmt::print("batch {}, f32, {} steps, {} threads; lower quartiles in us\n", options.batch,
             options.steps, arena.threads());
  for (const std::string& variant : nodes::lenet_variants()) {
    arena.run([&] {
      Bench bench(nodes::lenet({.variant = variant}), options.batch);
      bench.run(options.steps);
      bench.print();
    });
  }
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice::bench;
  return guarded("bench_small_step", [&] {
    Options options;
    parse_options(
        {argv, static_cast<std::size_t>(argc)},
        {{"--batch", &options.batch}, {"--steps", &options.steps}, {"--threads", &options.threads}},
        nullptr);
    run(options);
  });
}
