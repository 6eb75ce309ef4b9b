// Times a training step of AlexNet `paper` on the oneDNN backend, layer by layer:
//   bench_onednn_step [BATCH [STEPS [THREADS]]]
// Prints the best of STEPS (default 5, after two to warm up) of each layer and phase.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "nodes/nets/alexnet.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/random.h"

namespace {

using namespace sluice;

struct Batch {
  std::vector<float> rows;
  std::vector<std::int32_t> labels;
  std::vector<float> weights;
};

Batch make_batch(const Net& net, int size) {
  const auto rows = static_cast<std::size_t>(size);
  Batch batch{.rows = std::vector<float>(
                  rows * static_cast<std::size_t>(net.channels * net.side * net.side)),
              .labels = std::vector<std::int32_t>(rows),
              .weights = std::vector<float>(rows, 1.0F)};
  Random random({.seed = 1, .stream = stream_id("bench/rows")});
  for (float& value : batch.rows) value = static_cast<float>(random.uniform() * 2.0 - 1.0);
  for (std::size_t i = 0; i < rows; ++i) batch.labels[i] = static_cast<std::int32_t>(i % 1000);
  return batch;
}

void run_phase(Program& program, Phase phase, const StepInput& input) {
  program.run(phase, input, [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

void keep_best(std::vector<onednn::LayerSeconds>& best, const Program& program) {
  const std::span<const onednn::LayerSeconds> now = onednn::layer_seconds(program);
  if (best.empty()) best.assign(now.begin(), now.end());
  for (std::size_t i = 0; i < now.size(); ++i) {
    best[i].forward = std::min(best[i].forward, now[i].forward);
    best[i].backward = std::min(best[i].backward, now[i].backward);
    best[i].update = std::min(best[i].update, now[i].update);
  }
}

void print(const std::vector<onednn::LayerSeconds>& layers) {
  onednn::LayerSeconds sum{.name = "sum"};
  fmt::print("{:<10}{:>12}{:>12}{:>12}   ms\n", "layer", "forward", "backward", "update");
  const auto line = [](const onednn::LayerSeconds& l) {
    fmt::print("{:<10}{:>12.2f}{:>12.2f}{:>12.2f}\n", l.name, l.forward * 1e3, l.backward * 1e3,
               l.update * 1e3);
  };
  for (const onednn::LayerSeconds& layer : layers) {
    line(layer);
    sum.forward += layer.forward;
    sum.backward += layer.backward;
    sum.update += layer.update;
  }
  line(sum);
  fmt::print("step {:.1f} ms\n", (sum.forward + sum.backward + sum.update) * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  const int batch = argc > 1 ? std::atoi(argv[1]) : 128;
  const int steps = argc > 2 ? std::atoi(argv[2]) : 5;
  Arena arena(argc > 3 ? std::atoi(argv[3]) : 0);
  const Net net = nodes::alexnet({});
  const Batch data = make_batch(net, batch);
  NetState state(net, 1);
  const auto backend = make_backend("onednn");
  std::unique_ptr<Program> program;
  std::vector<onednn::LayerSeconds> best;
  StepInput input{.rows = data.rows, .labels = data.labels, .row_weights = data.weights};
  input.rate = 0.001;
  arena.run([&] {
    program = backend->compile(net, state, {.batch = batch, .purpose = Purpose::training});
    for (int step = 0; step < steps + 2; ++step) {
      input.step = static_cast<std::uint32_t>(step);
      for (const Phase phase : {Phase::forward, Phase::backward, Phase::update}) {
        run_phase(*program, phase, input);
      }
      if (step >= 2) keep_best(best, *program);
    }
  });
  fmt::print("AlexNet paper, batch {}, {} threads, {:.0f} MB beside the parameters\n", batch,
             arena.threads(), static_cast<double>(program->bytes()) * 1e-6);
  print(best);
  for (const onednn::Implementation& i : onednn::implementations(*program)) {
    fmt::print("{:<8}{:<18}{}\n", i.layer, i.use, i.name);
  }
}
