// Digits of idx files on their way from memory into the rows of a batch.
#include <array>
#include <cmath>

#include "graph/pipeline.h"
#include "io/grey_records.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/decode_grey.h"
#include "nodes/read_record.h"
#include "nodes/run/image_source.h"
#include "nodes/run/setup.h"
#include "nodes/watch.h"
#include "runtime/arena.h"
#include "tests/io/idx_fixture.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Matchers::Contains;
using io::test::TempFolder;

// Rows by sample number, as a pipeline over one epoch gives them.
std::vector<std::vector<float>> rows_of(const io::Dataset& data, graph::Chain chain,
                                        const Collate& collate, int threads) {
  std::vector<std::vector<float>> rows(data.entries.size());
  Arena arena(threads);
  const std::size_t floats = collate.row_floats();
  graph::PipelineOptions options;
  options.batch = 4;
  options.memory_bytes = std::size_t{32} << 20;
  graph::Pipeline pipeline(arena, options,
                           image_source(data, io::Recipe()) | std::move(chain) | collate |
                               Watch{[&](const graph::Batch& batch) {
                                 for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count);
                                      ++i) {
                                   const auto row = batch.rows.subspan(i * floats, floats);
                                   rows[batch.ids[i].number] = {row.begin(), row.end()};
                                 }
                               }});
  DataSource source(data, io::sample_order(static_cast<std::uint32_t>(rows.size()), 3, 1), 1);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  return rows;
}

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

TEST_CASE("every record reaches its own row, grey in each channel", "[nodes][records]") {
  const TempFolder folder;
  io::test::add_digits(folder, {.images = 11});
  const io::Split split = io::open_labelled(folder.path());
  const std::vector crop{entry("centre-crop", {{"side", std::int64_t{2}}})};
  for (const int channels : {1, 3}) {
    for (const int threads : {1, 2}) {
      CAPTURE(channels, threads);
      const auto rows =
          rows_of(split.train, make_chain(crop, {}), {.side = 2, .channels = channels}, threads);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        std::vector<float> expected;  // the left four of 3 x 2
        for (const int pixel : {0, 1, 3, 4})
          expected.insert(expected.end(), static_cast<std::size_t>(channels),
                          static_cast<float>(10 * static_cast<int>(k) + pixel));
        CHECK(rows[k] == expected);
      }
    }
  }
}

TEST_CASE("LeNet-5's chains give the inputs their papers name", "[nodes][records]") {
  std::string pixels(28 * 28 * 2, '\0');
  pixels[0] = '\xFF';
  const TempFolder folder;
  folder.add("train-images-idx3-ubyte", io::test::idx_file({2, 28, 28}, pixels));
  folder.add("train-labels-idx1-ubyte", io::test::idx_file({2}, {"\0\1", 2}));
  folder.add("t10k-images-idx3-ubyte", io::test::idx_file({2, 28, 28}, pixels));
  folder.add("t10k-labels-idx1-ubyte", io::test::idx_file({2}, {"\0\1", 2}));
  const io::Dataset data = io::open_labelled(folder.path()).train;
  struct Case {
    const char* variant;
    int side;
    double paper, ink;
  };
  for (const Case& wanted : {Case{"1998", 32, -0.1, 1.175}, Case{"caffe", 28, 0, 255.0 / 256},
                             Case{"modern", 32, -.1307 / .3081, (1 - .1307) / .3081}}) {
    CAPTURE(wanted.variant);
    const auto chain = lenet_chain(wanted.variant);
    CHECK_NOTHROW(check_chain_ends_at(chain, wanted.side, image_extent(data)));
    const auto rows = rows_of(data, make_chain(evaluation_chain(chain), {}),
                              {.side = wanted.side, .channels = 1}, 1);
    const auto border = static_cast<std::size_t>((wanted.side - 28) / 2);
    const std::size_t corner = border * static_cast<std::size_t>(wanted.side) + border;
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
      REQUIRE(std::fabs(rows[0][i] - (i == corner ? wanted.ink : wanted.paper)) < 1e-6);
      REQUIRE(std::fabs(rows[1][i] - wanted.paper) < 1e-6);
    }
  }
  CHECK_THROWS_WITH(lenet_chain("paper"), Contains("1998, caffe, modern"));
}

TEST_CASE("a chain that gives digits another size is refused by both sizes", "[nodes][records]") {
  const Extent digits{28, 28};
  const auto chain = lenet_chain("1998");
  CHECK_THROWS_WITH(check_chain_ends_at(chain, 28, digits), Contains("32 x 32") && Contains("28"));
  CHECK_THROWS_WITH(check_chain_ends_at(chain, 32), Contains("images of different sizes"));
  CHECK(extent_behind(chain, Extent{10, 20}) == Extent{14, 24});
  const std::vector shrunk{entry("rescale", {{"side", std::int64_t{20}}})};
  CHECK(extent_behind(shrunk, digits) == Extent{20, 20});
  CHECK(extent_behind(shrunk, Extent{10, 20}) == std::nullopt);
}

TEST_CASE("a record or pixels that do not fit are bad items in words", "[nodes][records]") {
  const auto records = std::make_shared<const io::GreyRecords>(std::vector<std::byte>(13), 1,
                                                               Extent{3, 2}, std::string());
  const ReadRecord read{records};
  std::array<std::byte, 6> bytes{};
  CHECK(read.read({.id = {.number = 1}}, bytes).value() == 6);
  CHECK_THAT(read.read({.id = {.number = 2}}, bytes).error().message, Contains("record 2 of 2"));
  CHECK_THAT(read.read({.id = {.number = 0}}, std::span(bytes).first(5)).error().message,
             Contains("6 bytes, was 5"));
  const DecodeGrey decode{{3, 2}};
  CHECK(decode.inspect(bytes).value().extent == Extent{3, 2});
  CHECK_THAT(decode.inspect(std::span(bytes).first(5)).error().message, Contains("3 x 2"));
}

TEST_CASE("a constant mean is subtracted from every channel", "[nodes][records]") {
  const std::vector mean{
      entry("mean", {{"from", std::string("constant")}, {"value", std::int64_t{300}}})};
  CHECK_THROWS_WITH(make_chain(mean, {}), Contains("augment.mean") && Contains("0 to 255"));
  CHECK_FALSE(statistics_need(lenet_chain("modern")).any());
  CHECK(before_mean(lenet_chain("modern")).size() == 1);
}

}  // namespace
}  // namespace sluice::nodes
