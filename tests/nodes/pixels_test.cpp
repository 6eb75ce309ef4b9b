// Law 4 on real JPEG files and the real chain: the same pixels for any schedule.
#include <xxhash.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/decode_jpeg.h"
#include "nodes/flip.h"
#include "nodes/mean.h"
#include "nodes/pca_colour.h"
#include "nodes/random_crop.h"
#include "nodes/read_file.h"
#include "nodes/rescale.h"
#include "nodes/run/shapes.h"
#include "nodes/scale.h"
#include "nodes/watch.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

enum class Delays { none, random };

// Sleeps for a time that has nothing to do with the sample, so that the order of events changes.
struct Dawdle {
  struct Decision {
    int nothing = 0;
  };
  static constexpr graph::NodeInfo info{.name = "dawdle"};
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(Decision, Extent before) const { return before; }
  void apply(ConstImageView from, Decision, ImageView to) const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    std::this_thread::sleep_for(
        std::chrono::microseconds(static_cast<unsigned>(now * 2654435761U) >> 21));
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
  }
};

struct Setting {
  graph::Executor executor = graph::Executor::flow;
  int threads = 1;
  Delays delays = Delays::none;
  graph::Parts parts = graph::Parts::needed;
};

graph::Chain chain_with(Delays delays) {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 900.0;
  statistics.mean_extent = {256, 256};
  for (int i = 0; i < 256 * 256 * 3; ++i)
    statistics.mean_image.push_back(99.5F + static_cast<float>(i % 1009) * 0.03125F);
  graph::Chain chain;
  int dawdles = 0;
  for (auto& stage : make_chain(paper_chain(), statistics)) {
    chain.push_back(std::move(stage));
    if (delays == Delays::random) {
      chain.push_back(graph::erase_augment(Dawdle{}, "dawdle" + std::to_string(++dawdles)));
    }
  }
  return chain;
}

// One hash over all rows, labels and weights of two epochs, in the order of the batches.
std::uint64_t hash_of_two_epochs(const io::Dataset& data, const Setting& setting) {
  XXH3_state_t* state = XXH3_createState();
  XXH3_64bits_reset(state);
  const auto add = [&](const graph::Batch& batch) {
    XXH3_64bits_update(state, batch.rows.data(), batch.rows.size_bytes());
    XXH3_64bits_update(state, batch.labels.data(), batch.labels.size() * sizeof(std::int32_t));
    XXH3_64bits_update(state, batch.row_weights.data(), batch.row_weights.size() * sizeof(float));
  };
  Arena arena(setting.threads);
  graph::Pipeline pipeline(arena,
                           {.executor = setting.executor,
                            .batch = 16,
                            .slots = 3,
                            .memory_bytes = std::size_t{256} << 20,
                            .seed = 5,
                            .parts = setting.parts},
                           graph::files(ReadFile{data.root}) | DecodeJpeg{} |
                               chain_with(setting.delays) | Collate{224} | Watch{add});
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    DataSource source(
        data, io::sample_order(static_cast<std::uint32_t>(data.entries.size()), 5, epoch), epoch);
    pipeline.run(source);
  }
  const std::uint64_t hash = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return hash;
}

TEST_CASE("two epochs have the same pixels for any threads, executor, delays and parts",
          "[nodes][pixels]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("sluice-pixels-" + std::to_string(::getpid()));
  make_shapes({.out = folder, .train_per_class = 6, .val_per_class = 1, .seed = 3});
  {
    const io::Dataset data = io::open_labelled(folder).train;
    REQUIRE(data.entries.size() == 60);
    const std::uint64_t serial = hash_of_two_epochs(
        data, {.executor = graph::Executor::serial, .parts = graph::Parts::whole});
    CHECK(hash_of_two_epochs(data, {.executor = graph::Executor::serial}) == serial);
    for (const int threads : {1, 2, 8}) {
      CAPTURE(threads);
      CHECK(hash_of_two_epochs(data, {.threads = threads}) == serial);
      CHECK(hash_of_two_epochs(data, {.threads = threads, .delays = Delays::random}) == serial);
    }
  }
  std::filesystem::remove_all(folder);
}

// The hash of each batch of a pass that begins at a place of the epoch's order, as after a resume.
std::vector<std::uint64_t> hashes_from(const io::Dataset& data, std::size_t begin,
                                       const Setting& setting) {
  constexpr std::uint32_t kEpoch = 3;
  std::vector<std::uint64_t> hashes;
  const auto add = [&](const graph::Batch& batch) {
    std::uint64_t hash = XXH3_64bits_withSeed(batch.rows.data(), batch.rows.size_bytes(),
                                              static_cast<std::uint64_t>(batch.count));
    hash =
        XXH3_64bits_withSeed(batch.labels.data(), batch.labels.size() * sizeof(std::int32_t), hash);
    hashes.push_back(XXH3_64bits_withSeed(batch.row_weights.data(),
                                          batch.row_weights.size() * sizeof(float), hash));
  };
  Arena arena(setting.threads);
  graph::Pipeline pipeline(arena,
                           {.executor = setting.executor,
                            .batch = 8,
                            .slots = 3,
                            .memory_bytes = std::size_t{256} << 20,
                            .seed = 5},
                           graph::files(ReadFile{data.root}) | DecodeJpeg{} |
                               chain_with(setting.delays) | Collate{224} | Watch{add});
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  DataSource source(data, io::sample_order(count, 5, kEpoch), kEpoch, {.begin = begin});
  pipeline.run(source);
  return hashes;
}

TEST_CASE("an epoch that goes on has the batches and pixels of the whole one for any threads",
          "[nodes][pixels]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("sluice-resumed-" + std::to_string(::getpid()));
  make_shapes({.out = folder, .train_per_class = 6, .val_per_class = 1, .seed = 6});
  {
    const io::Dataset data = io::open_labelled(folder).train;
    const std::vector<std::uint64_t> whole =
        hashes_from(data, 0, {.executor = graph::Executor::serial});
    REQUIRE(whole.size() == 8);  // 60 images: the last batch has four
    CHECK(std::set<std::uint64_t>(whole.begin(), whole.end()).size() == whole.size());
    for (const int threads : {1, 2, 8}) {
      for (const std::size_t batches : {0U, 1U, 5U, 7U}) {
        CAPTURE(threads, batches);
        const auto from = whole.begin() + static_cast<std::ptrdiff_t>(batches);
        const std::vector<std::uint64_t> rest(from, whole.end());
        CHECK(hashes_from(data, 8 * batches, {.threads = threads, .delays = Delays::random}) ==
              rest);
      }
    }
    CHECK(hashes_from(data, 60, {.threads = 2}).empty());
  }
  std::filesystem::remove_all(folder);
}

// The same decoder, but it only makes whole images.
struct DecodeWhole {
  static constexpr graph::NodeInfo info = DecodeJpeg::info;
  DecodeJpeg decoder;
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const {
    return decoder.inspect(bytes);
  }
  Result<> decode(std::span<const std::byte> bytes, ImageView to) const {
    return decoder.decode(bytes, to);
  }
};

// Two branches that keep different parts of a trunk that ends in `mean`; nodes that know parts
// stand right behind the decoder. One hash a branch.
template <class Decoder>
std::vector<std::uint64_t> hashes_of_branches(const io::Dataset& data, graph::Parts parts) {
  std::vector<std::uint64_t> hashes(2, 0);
  const auto watch = [&hashes](std::size_t branch) {
    return Watch{[&hashes, branch](const graph::Batch& batch) {
      hashes[branch] =
          XXH3_64bits_withSeed(batch.rows.data(), batch.rows.size_bytes(), hashes[branch]);
    }};
  };
  auto trunk = graph::files(ReadFile{data.root}) | Decoder{} | Flip{} | PcaColour{} | Rescale{} |
               MeanRgb{{.mean = {120, 110, 100}}};
  auto branches = graph::split(std::move(trunk), 2);
  std::vector<graph::BatchStream> streams;
  streams.push_back(std::move(branches[0]) | RandomCrop{{.side = 160}} | Collate{160} | watch(0));
  streams.push_back(std::move(branches[1]) | Scale{{.divisor = 58}} |
                    graph::erase_augment(Flip{}, "second-flip") | RandomCrop{{.side = 96}} |
                    Collate{96} | watch(1));
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.batch = 8, .memory_bytes = std::size_t{64} << 20, .seed = 5, .parts = parts},
      std::move(streams));
  DataSource source(data, io::in_order(static_cast<std::uint32_t>(data.entries.size())), 0);
  pipeline.run(source);
  return hashes;
}

TEST_CASE("branches that keep different parts have the pixels of whole images", "[nodes][pixels]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("sluice-parts-" + std::to_string(::getpid()));
  make_shapes({.out = folder, .train_per_class = 3, .val_per_class = 1, .seed = 4});
  {
    const io::Dataset data = io::open_labelled(folder).train;
    const auto whole = hashes_of_branches<DecodeWhole>(data, graph::Parts::whole);
    CHECK(whole[0] != whole[1]);
    CHECK(hashes_of_branches<DecodeWhole>(data, graph::Parts::needed) == whole);
    CHECK(hashes_of_branches<DecodeJpeg>(data, graph::Parts::needed) == whole);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sluice::nodes
