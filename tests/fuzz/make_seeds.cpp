// Writes the seeds that are binary files: fuzz_seeds FOLDER (tests/fuzz/seeds). Seeds of texts are
// written by hand.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/checkpoint.h"
#include "runtime/error.h"
#include "tests/fuzz/tensor_input.h"
#include "tests/io/jpeg_fixture.h"

using namespace sluice;
using namespace sluice::io;
using namespace sluice::io::test;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, std::span<const std::byte> bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) fail(ErrorKind::run, "cannot write {}", path.string());
}

// Waves, so that files hold coefficients of many sizes.
Pixel waves(int x, int y) {
  const auto shade = [&](int a, int b) { return static_cast<std::uint8_t>(x * a + y * b); };
  return {shade(7, 3), shade(2, 11), shade(5, 5), shade(1, 2)};
}

struct Seed {
  std::string name;
  JpegFixture fixture;
};

std::vector<Seed> jpegs() {
  const Extent tiny{9, 7}, small{19, 21};
  return {
      {"baseline", {.extent = small}},
      {"grey", {.extent = tiny, .colour = Colour::grey}},
      {"rgb", {.extent = tiny, .colour = Colour::rgb}},
      {"cmyk", {.extent = tiny, .colour = Colour::cmyk}},
      {"cmyk-plain", {.extent = tiny, .colour = Colour::cmyk, .adobe = AdobeMarker::none}},
      {"ycck", {.extent = tiny, .colour = Colour::ycck}},
      {"420", {.extent = {35, 18}, .sampling = Sampling::halved}},
      {"422", {.extent = small, .sampling = Sampling::halved_across}},
      {"440", {.extent = small, .sampling = Sampling::halved_down}},
      {"411", {.extent = {40, 9}, .sampling = Sampling::quartered_across}},
      {"restarts", {.extent = small, .sampling = Sampling::halved, .restart_rows = 1}},
      {"progressive",
       {.extent = small, .sampling = Sampling::halved, .coding = Coding::progressive}},
      {"progressive-grey", {.extent = tiny, .colour = Colour::grey, .coding = Coding::progressive}},
      {"scan-a-component", {.extent = small, .coding = Coding::one_scan_a_component}},
      {"arithmetic", {.extent = small, .coding = Coding::arithmetic}},
      {"exif-6", {.extent = tiny, .app1 = exif_block(6)}},
      {"exif-3-420", {.extent = small, .sampling = Sampling::halved, .app1 = exif_block(3)}},
      {"one-pixel", {.extent = {1, 1}}},
  };
}

void write_jpegs(const fs::path& folder) {
  for (Seed& seed : jpegs()) {
    seed.fixture.pixel = waves;
    write(folder / (seed.name + ".jpg"), encode(seed.fixture));
  }
  const std::vector<std::byte> file =
      encode({.extent = {19, 21}, .sampling = Sampling::halved, .pixel = waves});
  write(folder / "truncated.jpg", std::span(file).first(file.size() * 3 / 4));
  write(folder / "no-end-marker.jpg", std::span(file).first(file.size() - 2));
}

void write_tensors(const fs::path& folder) {
  fs::create_directories(folder);
  Statistics statistics{.images = 12, .mean_rgb = {1.5, 2.25, 1e-300}, .mean_extent = {2, 1}};
  statistics.covariance[1] = {-1.0, 0.1, 12345.678};
  statistics.mean_image = {1, 2, 3, 4, 5, 6};
  write_statistics(folder / "statistics.safetensors", statistics);
  const Net net = fuzz::tiny_net();
  write_weights(folder / "weights.safetensors", net, NetState(net, 1),
                {.net = net.name,
                 .variant = net.variant,
                 .classes = {"cat", "caf\xE9"},
                 .input_chain = "[[augment]]\nnode = \"flip\"\n",
                 .statistics = statistics,
                 .recipe = "seed = 1\n"});
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const std::span<const float> all(values);
  write_safetensors(folder / "shapes.safetensors",
                    std::vector<NamedTensor>{{"scalar", {Shape{}, all.first(1)}},
                                             {"none", {Shape{3, 0}, {}}},
                                             {"m", {Shape{2, 3}, all}}},
                    {});
  write_safetensors(folder / "empty.safetensors", {}, {{"k", "v"}});
}

void write_checkpoints(const fs::path& folder) {
  fs::create_directories(folder);
  const Net net = fuzz::tiny_net();
  NetState state(net, 1);
  state.prepare_training();
  NetCopy copy(state);
  copy.take(state);
  Checkpoint checkpoint{.weights = {.net = net.name,
                                    .variant = net.variant,
                                    .classes = {"cat", "dog"},
                                    .input_chain = "",
                                    .statistics = {},
                                    .recipe = "seed = 1\n"},
                        .state = {},
                        .data = {.train_images = 6, .val_images = 3, .files = "0f", .times = "f0"},
                        .backend = "onednn",
                        .threads = 2};
  write_checkpoint(folder / "start.safetensors", net, copy, checkpoint);
  checkpoint.state.step = 12;
  checkpoint.state.epoch = 1;
  checkpoint.state.first_bad = "caf\xE9: broken";
  checkpoint.state.bad_files = {"caf\xE9"};
  checkpoint.state.epochs.push_back({.epoch = 1, .train_loss = 0.1, .val_top1 = 0.5});
  checkpoint.state.epochs.push_back({.epoch = 2, .train_loss = 1e-300});
  write_checkpoint(folder / "later.safetensors", net, copy, checkpoint);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: fuzz_seeds FOLDER\n", stderr);
    return 2;
  }
  const fs::path folder = arguments[1];
  write_jpegs(folder / "jpeg");
  write_tensors(folder / "safetensors");
  write_checkpoints(folder / "checkpoint");
  return 0;
}
