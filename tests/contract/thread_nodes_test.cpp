// Real nodes in whole pipelines on plain threads: files, JPEG, every kind of augment node, a net on
// the reference backend. (oneDNN's own threads are oneTBB's, which ThreadSanitizer cannot see
// through; its programs are called by one thread at a time like every other.)
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "graph/account/closes.h"
#include "io/dataset.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/decode_jpeg.h"
#include "nodes/measure_statistics.h"
#include "nodes/read_file.h"
#include "nodes/run/shapes.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/backend/make_backend.h"
#include "tests/contract/threaded_pipeline.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 24;
constexpr int kWhole = 32;

// Twenty small JPEG files; one of them broken inside, one gone after it was listed.
class Files {
 public:
  Files() {
    nodes::make_shapes({.out = folder_, .train_per_class = 2, .val_per_class = 1, .seed = 7});
    data_ = io::open_labelled(folder_).train;
    fs::resize_file(data_.root / data_.entries[4].path, data_.entries[4].bytes / 2);
    data_.entries[4].bytes /= 2;
    fs::remove(data_.root / data_.entries[11].path);
  }
  ~Files() { fs::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  const io::Dataset& data() const { return data_; }
  nodes::DataSource source(std::uint32_t epoch) const {
    const auto count = static_cast<std::uint32_t>(data_.entries.size());
    return {data_, io::sample_order(count, 3, epoch), epoch};
  }

 private:
  fs::path folder_ = fs::temp_directory_path() / ("sluice-threads-" + std::to_string(::getpid()));
  io::Dataset data_;
};

Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  statistics.covariance = {{{900, 500, 300}, {500, 800, 400}, {300, 400, 700}}};
  statistics.mean_extent = {kWhole, kWhole};
  statistics.mean_image.assign(std::size_t{kWhole} * kWhole * kChannels, 101.5F);
  return statistics;
}

// Rescale, centre crop, mean image, random crop, flip, colour, scale: the paper's, smaller.
std::vector<io::ChainEntry> small_chain() {
  auto entries = nodes::paper_chain();
  for (io::ChainEntry& entry : entries) {
    if (entry.node == "rescale" || entry.node == "centre-crop")
      entry.parameters = {{"side", std::int64_t{kWhole}}};
    if (entry.node == "random-crop") entry.parameters = {{"side", std::int64_t{kSide}}};
    if (entry.node == "scale") entry.parameters = {{"divisor", 58.0}};
  }
  return entries;
}

graph::BatchStream chain_of(const Files& files) {
  return graph::files(nodes::ReadFile{files.data().root}) | nodes::DecodeJpeg{} |
         nodes::make_chain(small_chain(), some_statistics()) | nodes::Collate{kSide};
}

graph::PipelineOptions options() {
  return {.batch = 4, .slots = 3, .memory_bytes = std::size_t{24} << 20, .seed = 5};
}

// All rows of two epochs, in order.
std::vector<float> rows_of(const Files& files, const test::ThreadOptions& threads) {
  std::vector<float> rows;
  std::size_t bad = 0;
  test::ThreadedPipeline pipeline(threads, options(),
                                  chain_of(files) | nodes::Watch{[&](const graph::Batch& batch) {
                                    rows.insert(rows.end(), batch.rows.begin(), batch.rows.end());
                                    bad += batch.bad.size();
                                  }});
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    auto source = files.source(epoch);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
  }
  CHECK(bad == 2 * 2);
  CHECK(graph::closes(pipeline.account()));
  return rows;
}

TEST_CASE("files, JPEG and the whole chain give the same rows on four plain threads as on one",
          "[nodes][threads]") {
  const Files files;
  const auto expected = rows_of(files, {.threads = 1});
  REQUIRE(expected.size() == std::size_t{2} * 20 * kSide * kSide * kChannels);
  CHECK(rows_of(files, {.threads = 4, .seed = 1}) == expected);
  CHECK(rows_of(files, {.threads = 4, .delay_us = 300, .seed = 2}) == expected);
}

TEST_CASE("statistics are measured by many plain threads as by one", "[nodes][threads]") {
  const Files files;
  const auto measured = [&](int threads) {
    const auto pool = std::make_shared<nodes::StatisticsPool>();
    test::ThreadedPipeline pipeline({.threads = threads}, options(),
                                    graph::files(nodes::ReadFile{files.data().root}) |
                                        nodes::DecodeJpeg{} |
                                        nodes::make_chain(nodes::before_mean(small_chain()), {}) |
                                        nodes::MeasureStatistics{.pool = pool});
    auto source = files.source(0);
    pipeline.run(source);
    CHECK(pool->images() == 18);
    return pool->finish();
  };
  const Statistics one = measured(1);
  const Statistics many = measured(4);
  CHECK(many.mean_rgb == one.mean_rgb);
  CHECK(many.mean_image == one.mean_image);
  CHECK(many.covariance == one.covariance);
}

// Weights without random draws, since those are made by oneTBB: a small sawtooth.
void fill_weights(NetState& state) {
  for (std::size_t p = 0; p < state.parameters().size(); ++p) {
    std::vector<float> values = state.read(p);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = (static_cast<float>(i * 37 % 101) - 50.0F) * 1e-3F;
    state.write(p, values);
  }
}

Net small_net() {
  const Start zeros{.deviation = 0.0};
  return {.name = "small",
          .variant = "test",
          .channels = 3,
          .side = kSide,
          .layers = {{.name = "conv",
                      .spec = Conv2d{.out_channels = 4, .kernel = 5, .stride = 2},
                      .start = zeros,
                      .file_name = "conv"},
                     {.name = "relu", .spec = Relu{}},
                     {.name = "pool", .spec = MaxPool{}},
                     {.name = "fc",
                      .spec = FullyConnected{.out_features = 10},
                      .start = zeros,
                      .file_name = "fc"},
                     {.name = "loss", .spec = SoftmaxLoss{}}}};
}

// Losses of two epochs, and the weights afterwards.
std::vector<float> trained(const Files& files, const test::ThreadOptions& threads) {
  const Net net = small_net();
  NetState state(net, 1);
  fill_weights(state);
  const auto program =
      make_backend("reference")->compile(net, state, {.batch = 4, .purpose = Purpose::training});
  nodes::TrainingClock clock{.seed = 1, .rate = 0.01};
  const nodes::StepContext context{.program = program.get(), .clock = &clock};
  std::vector<float> result;
  test::ThreadedPipeline pipeline(
      threads, options(),
      chain_of(files) | nodes::Forward{context} | nodes::Backward{context} |
          nodes::Update{context} | nodes::Watch{[&](const graph::Batch& batch) {
            result.insert(result.end(), batch.row_losses.begin(), batch.row_losses.end());
          }});
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    auto source = files.source(epoch);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
  }
  CHECK(graph::closes(pipeline.account()));
  CHECK(clock.step == 10);
  for (std::size_t p = 0; p < state.parameters().size(); ++p) {
    const auto values = state.read(p);
    result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

TEST_CASE("a net trains to the same bits on four plain threads as on one", "[nodes][threads]") {
  const Files files;
  const auto expected = trained(files, {.threads = 1});
  for (const float value : expected) REQUIRE(std::isfinite(value));
  CHECK(trained(files, {.threads = 4, .seed = 3}) == expected);
  CHECK(trained(files, {.threads = 4, .delay_us = 200, .seed = 4}) == expected);
}

}  // namespace
}  // namespace sluice
