// What the oneDNN backend must be beyond right: on the fast implementations, in the planned memory.
#include "runtime/backend/onednn/onednn.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <string>

#include "nodes/nets/alexnet.h"
#include "runtime/backend/onednn/flush_denormals.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

bool has(const std::string& text, const char* word) { return text.find(word) != text.npos; }

// Below AVX2 oneDNN has no fast convolutions, and nothing to promise.
bool fast_processor() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") || __builtin_cpu_supports("avx2");
}

}  // namespace

TEST_CASE("no layer of AlexNet falls to slow code at its published width", "[backend][onednn]") {
  if (!fast_processor()) {
    WARN("skipped: this processor has neither AVX-512 nor AVX2");
    return;
  }
  Net net = nodes::alexnet({});
  for (Layer& layer : net.layers) layer.start.weights = Start::Weights::glorot_uniform;
  NetState state(net, 1);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_onednn_backend();
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      const auto program = backend->compile(net, state, {.batch = 128, .purpose = purpose});
      const std::vector<onednn::Implementation> all = onednn::implementations(*program);
      CHECK(all.size() == (purpose == Purpose::training ? 3 * 8 - 1 : 8));
      for (const onednn::Implementation& i : all) {
        CAPTURE(i.layer, i.use, i.name);
        CHECK_FALSE(has(i.name, "ref"));
        CHECK_FALSE((has(i.layer, "conv") && has(i.name, "gemm") && !has(i.name, "brgemm")));
      }
    }
  });
}

TEST_CASE("an evaluation of the trained batch needs no copy of the weights", "[backend][onednn]") {
  Net net{.name = "small", .channels = 3, .side = 16};
  net.layers = {{"conv", Conv2d{.out_channels = 32, .kernel = 3}, {}, ""},
                {"relu", Relu{}, {}, ""},
                {"fc", FullyConnected{256}, {}, ""},
                {"scores", FullyConnected{10}, {}, ""},
                {"loss", SoftmaxLoss{}, {}, ""}};
  NetState canonical(net, 1), trained(net, 1);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_onednn_backend();
    const auto training =
        backend->compile(net, trained, {.batch = 16, .purpose = Purpose::training});
    const std::size_t with_copies = backend->compile(net, canonical, {.batch = 16})->bytes();
    const std::size_t without = backend->compile(net, trained, {.batch = 16})->bytes();
    CHECK(without + 256 * 14 * 14 * 32 * sizeof(float) <= with_copies);
    CHECK(training->bytes() > without);
  });
}

TEST_CASE("denormals count as zero in every thread that helps", "[backend][onednn]") {
  std::vector<float> values(std::size_t{1} << 20);
  volatile float tiny = 1e-30F;
  const float factor = tiny;
  const auto fill = [&] {
    tbb::parallel_for(std::size_t{0}, values.size(),
                      [&](std::size_t i) { values[i] = 1e-10F * factor; });
  };
  Arena arena(2);
  arena.run([&] { onednn::with_flushed_denormals(fill); });
  CHECK(std::ranges::count(values, 0.0F) == static_cast<std::ptrdiff_t>(values.size()));
  arena.run(fill);
  CHECK(std::ranges::count(values, 0.0F) == 0);
  CHECK_THROWS_AS(onednn::with_flushed_denormals([] { fail(ErrorKind::run, "as it must"); }),
                  Error);
}

TEST_CASE("only programs of the oneDNN backend have its tables", "[backend][onednn]") {
  struct Other : Program {
    void run(Phase, const StepInput&, Completion) override {}
    std::span<const float> scores() const override { return {}; }
    std::span<const float> row_losses() const override { return {}; }
    Tensor output(std::string_view) const override { return {}; }
    std::size_t bytes() const override { return 0; }
  };
  const Other other;
  CHECK_THROWS_AS(onednn::implementations(other), Error);
  CHECK_THROWS_AS(onednn::layer_seconds(other), Error);
}

}  // namespace sluice::test
