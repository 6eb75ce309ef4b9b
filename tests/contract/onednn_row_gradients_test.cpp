// Row gradients of whole nets, made narrow: oneDNN beside the reference.
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "runtime/backend/make_backend.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

constexpr int kBatch = 2;

Tensor gradients_of(const std::string& backend, const Net& net, std::span<const float> rows,
                    Precision precision) {
  const std::vector<std::int32_t> labels = {1, 3};
  const std::vector<float> weights = {1, 1};
  const StepInput input{.rows = rows, .labels = labels, .row_weights = weights};
  NetState state(net, 1);
  Tensor gradients;
  Arena arena(2);
  arena.run([&] {
    const auto program = make_backend(backend)->compile(net, state,
                                                        {.batch = kBatch,
                                                         .purpose = Purpose::row_gradients,
                                                         .precision = precision,
                                                         .layouts = Layouts::chosen});
    run_now(*program, Phase::forward, input);
    run_now(*program, Phase::backward, input);
    gradients = program->row_gradients();
  });
  return gradients;
}

std::vector<float> random_rows(const Net& net) {
  std::vector<float> rows(static_cast<std::size_t>(kBatch * net.side * net.side * net.channels));
  Random random({.seed = 2, .stream = stream_id("test/rows")});
  for (float& value : rows) value = static_cast<float>(random.normal());
  return rows;
}

Net with_he_start(Net net) {
  for (Layer& layer : net.layers) layer.start = {.weights = Start::Weights::he_normal};
  return net;
}

std::vector<Net> nets() {
  return {with_he_start(nodes::lenet({.variant = "modern"})), nodes::lenet({.variant = "1998"}),
          with_he_start(nodes::alexnet({.classes = 5, .width = 0.1})),
          with_he_start(nodes::alexnet({.variant = "owt", .classes = 5, .width = 0.1})),
          with_he_start(nodes::vgg({.variant = "A", .classes = 5, .width = 0.05}))};
}

}  // namespace

TEST_CASE("row gradients of LeNet-5, AlexNet and VGG agree with the reference",
          "[backend][contract]") {
  for (const Net& net : nets()) {
    CAPTURE(net.name, net.variant);
    const std::vector<float> rows = random_rows(net);
    const Tensor expected = gradients_of("reference", net, rows, Precision::f32);
    const Tensor found = gradients_of("onednn", net, rows, Precision::f32);
    CHECK(expected.shape() == Shape{kBatch, net.channels, net.side, net.side});
    CHECK(norm(expected.values()) > 1e-6);
    // A ReLU or a pool whose inputs round to the other side moves a few slopes by more.
    CHECK(difference(found.values(), expected.values()) < 1e-3);
  }
}

TEST_CASE("row gradients in bf16 point where those in f32 do", "[backend][contract]") {
  if (__builtin_cpu_supports("avx512bw") == 0) {
    WARN("skipped: this processor has no AVX-512");
    return;
  }
  const Net net = with_he_start(nodes::alexnet({.variant = "owt", .classes = 5, .width = 0.1}));
  const std::vector<float> rows = random_rows(net);
  const Tensor exact = gradients_of("onednn", net, rows, Precision::f32);
  const Tensor rounded = gradients_of("onednn", net, rows, Precision::bf16);
  double along = 0.0;
  for (std::size_t i = 0; i < exact.values().size(); ++i)
    along += static_cast<double>(exact.values()[i]) * static_cast<double>(rounded.values()[i]);
  CHECK(along / (norm(exact.values()) * norm(rounded.values())) > 0.9);
}

}  // namespace sluice::test
