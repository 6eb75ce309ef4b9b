// Which implementations the named nets get at their published widths and batches.
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/vgg.h"
#include "runtime/backend/onednn/onednn.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

bool has(const std::string& text, const char* word) { return text.find(word) != text.npos; }

struct Published {
  Net net;
  int batch;
  std::vector<Precision> precisions;
};

std::vector<Published> published() {
  return {{nodes::alexnet({}), 128, {Precision::bf16}},  // f32: onednn_test
          {nodes::alexnet({.variant = "owt"}), 128, {Precision::f32, Precision::bf16}},
          {nodes::vgg({.variant = "D"}), 256, {Precision::f32, Precision::bf16}}};
}

std::size_t weighted_layers(const Net& net) { return parameters(net).size() / 2; }

void check_fast(const std::vector<onednn::Implementation>& all) {
  for (const onednn::Implementation& i : all) {
    CAPTURE(i.layer, i.use, i.name);
    CHECK_FALSE(has(i.name, "ref"));
    CHECK_FALSE((has(i.layer, "conv") && has(i.name, "gemm") && !has(i.name, "brgemm")));
  }
}

}  // namespace

TEST_CASE("the published nets fall to no slow code in either precision",
          "[backend][onednn][bf16]") {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bf16") == 0) {
    WARN("skipped: this processor has no AVX512_BF16");
    return;
  }
  for (Published& p : published()) {
    // Zeros take no time to draw.
    for (Layer& layer : p.net.layers) layer.start = {.deviation = 0.0};
    NetState state(p.net, 1);
    Arena arena(2);
    arena.run([&] {
      for (const Precision precision : p.precisions) {
        for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
          CAPTURE(p.net.name, p.net.variant, precision_name(precision));
          const auto program = make_onednn_backend()->compile(
              p.net, state, {.batch = p.batch, .purpose = purpose, .precision = precision});
          const auto all = onednn::implementations(*program);
          const std::size_t layers = weighted_layers(p.net);
          CHECK(all.size() == (purpose == Purpose::training ? 3 * layers - 1 : layers));
          check_fast(all);
        }
      }
    });
  }
}

}  // namespace sluice::test
