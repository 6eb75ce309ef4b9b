// Law 3 on real JPEG files and the paper's chain: in the steady state an image allocates nothing.
// Counts every operator new of this binary; libjpeg takes its memory from malloc, oneTBB its tasks
// from its own pool, and pixels come from ours.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/decode_jpeg.h"
#include "nodes/read_file.h"
#include "nodes/run/shapes.h"
#include "tests/nodes/whole_catalogue.h"
#include "tests/support/catch.h"

namespace {

std::atomic<std::int64_t> allocations = 0;

void* counted(std::size_t bytes) {
  ++allocations;
  return std::malloc(bytes);
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* memory = counted(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace sluice::nodes {
namespace {

// The paper's chain, all of it: the longest way an image can take.
graph::Chain whole_chain(const std::string& filter) {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 900.0;
  statistics.mean_extent = {256, 256};
  statistics.mean_image.assign(256 * 256 * 3, 99.5F);
  auto entries = paper_chain();
  for (io::ChainEntry& entry : entries) {
    if (entry.node == "rescale")
      entry.parameters = {{"side", std::int64_t{256}}, {"filter", filter}};
    if (entry.node == "scale") entry.parameters = {{"divisor", 58.0}};
  }
  return make_chain(entries, statistics);
}

// Allocations of one run over so many images, the files again and again.
std::int64_t allocations_of(graph::Pipeline& pipeline, const io::Dataset& data, int images) {
  std::vector<std::uint32_t> order;
  for (int i = 0; i < images; ++i) {
    order.push_back(static_cast<std::uint32_t>(i) %
                    static_cast<std::uint32_t>(data.entries.size()));
  }
  DataSource source(data, std::move(order), 0);
  const std::int64_t before = allocations;
  REQUIRE(pipeline.run(source) == graph::RunEnd::completed);
  return allocations - before;
}

TEST_CASE("six hundred JPEG files more allocate nothing more", "[nodes][memory]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  const std::string filter = GENERATE(std::string("antialias"), std::string("bilinear"));
  CAPTURE(filter);
  const auto folder =
      std::filesystem::temp_directory_path() / ("sluice-allocation-" + std::to_string(::getpid()));
  make_shapes({.out = folder, .train_per_class = 2, .val_per_class = 1, .seed = 3});
  {
    const io::Dataset data = io::open_labelled(folder).train;
    REQUIRE(data.entries.size() == 20);
    Arena arena(2);
    graph::Pipeline pipeline(
        arena,
        {.executor = executor, .batch = 16, .slots = 3, .memory_bytes = std::size_t{256} << 20},
        graph::files(ReadFile{data.root}) | DecodeJpeg{} | whole_chain(filter) | Collate{224});
    allocations_of(pipeline, data, 200);  // fills the pools
    const std::int64_t few = allocations_of(pipeline, data, 100);
    const std::int64_t many = allocations_of(pipeline, data, 700);
    CAPTURE(few, many);
    CHECK(many - few < 30);  // a free list may still grow, an image may not
  }
  std::filesystem::remove_all(folder);
}

std::int64_t allocations_of(const graph::AugmentStage& stage, std::uint32_t sample,
                            const Image& image, Image& to, const Block& scratch) {
  const std::int64_t before = allocations;
  Random random({.seed = 1, .sample = sample, .stream = 3});
  const graph::DecisionBox decision = stage.draw(random, image.extent());
  const Extent extent = stage.extent_after(decision, image.extent());
  const std::size_t bytes = stage.scratch_bytes(decision, image.extent(), image.type());
  const PixelType type = stage.type_after(image.type());
  if (image_bytes(extent, type) <= Image::bytes({300, 300}, PixelType::f32) &&
      bytes <= scratch.bytes().size())
    stage.apply(all_of(image.view()), decision, all_of(ImageView{to.view().data, extent, type}),
                scratch.bytes().first(bytes));
  return allocations - before;
}

TEST_CASE("no node of the catalogue allocates for an image", "[nodes][memory]") {
  Image image({256, 256}, PixelType::u8), to({300, 300}, PixelType::f32);
  const Block scratch = Block::allocate(std::size_t{16} << 20);
  std::fill_n(image.view().u8(0), 256 * 256 * kChannels, std::uint8_t{90});
  for (const auto& stage : whole_catalogue()) {
    const std::string name = stage->name();
    if (name.starts_with("jpeg")) continue;  // libjpeg does
    std::int64_t later = 0;
    allocations_of(*stage, 0, image, to, scratch);  // dispatch of vector code, once
    for (std::uint32_t sample = 1; sample < 4; ++sample)
      later += allocations_of(*stage, sample, image, to, scratch);
    CAPTURE(name);
    CHECK(later == 0);
  }
}

}  // namespace
}  // namespace sluice::nodes
