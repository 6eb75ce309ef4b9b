#include "nodes/run/statistics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "graph/pipeline.h"
#include "io/atomic_file.h"
#include "io/sample_order.h"
#include "io/text.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/centre_crop.h"
#include "nodes/chain_parameters.h"
#include "nodes/data_source.h"
#include "nodes/measure_statistics.h"
#include "nodes/run/image_source.h"
#include "nodes/run/setup.h"
#include "nodes/watch.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace sluice::nodes {
namespace {

std::filesystem::path cache_file(const io::Recipe& recipe, const io::Dataset& data,
                                 const std::filesystem::path& cache) {
  const std::string chain =
      io::chain_to_toml(before_mean(recipe.augment)) + recipe.text("data.orientation");
  return cache / fmt::format("statistics-{:016x}-{:08x}.safetensors", data.hash, stream_id(chain));
}

// Measuring takes minutes: what cannot be kept is said before.
void prepare_cache(const std::filesystem::path& cache) {
  std::error_code refused;
  std::filesystem::create_directories(cache, refused);
  if (!refused && ::access(cache.c_str(), W_OK) != 0) {
    refused = std::error_code(errno, std::generic_category());
  }
  require(!refused, "statistics cache {}: cannot be written: {}; name another with --cache",
          io::one_line(cache.string()), refused.message());
}

}  // namespace

MeasuredStatistics measure_statistics(const io::Recipe& recipe, const io::Dataset& data,
                                      const Machine& machine, const Listener& listener,
                                      std::stop_token stop) {
  MeasureStatistics collector;
  Progress progress{.phase = "statistics",
                    .images_all = static_cast<std::int64_t>(data.entries.size())};
  auto stream = image_source(data, recipe) | make_chain(before_mean(recipe.augment), {}) |
                collector | Watch{[&](const graph::Batch& batch) {
                  progress.images += batch.count;
                  listener.show(progress);
                }};
  graph::PipelineOptions options = pipeline_options(recipe, machine, machine.preparation_bytes);
  options.batch = 32;
  graph::Pipeline pipeline(*machine.arena, options, std::move(stream));
  const std::stop_callback on_stop(stop, [&] { pipeline.cancel(); });
  DataSource source(data, io::in_order(static_cast<std::uint32_t>(data.entries.size())), 0);
  const graph::RunEnd end = pipeline.run(source);
  if (end == graph::RunEnd::cancelled) {
    fail(ErrorKind::interrupted, "interrupted while measuring the training images");
  }
  MeasuredStatistics result;
  result.account = pipeline.account();
  require(collector.pool->images() > 0, "{}: none of its {} files could be read as an image",
          data.root.string(), data.entries.size());
  result.values = collector.pool->finish();
  return result;
}

MeasuredStatistics training_statistics(const io::Recipe& recipe, const io::Dataset& data,
                                       const std::filesystem::path& cache, const Machine& machine,
                                       const Listener& listener, std::stop_token stop) {
  MeasuredStatistics result;
  const StatisticsNeed need =
      statistics_need(recipe.augment) | statistics_need(evaluation_chain(recipe));
  if (!need.any()) return result;
  result.file = cache_file(recipe, data, cache);
  std::error_code none;
  if (std::filesystem::exists(result.file, none)) {
    try {
      result.values = io::read_statistics(result.file);
      result.from_cache = true;
      return result;
    } catch (const Error& error) {
      listener.tell(fmt::format("measuring again: {}", error.what()));
    }
  }
  prepare_cache(cache);
  io::remove_abandoned_files(cache);
  listener.tell(fmt::format("measuring mean and colours of {} images", data.entries.size()));
  MeasuredStatistics measured =
      measure_statistics(recipe, data, machine, listener, std::move(stop));
  result.values = std::move(measured.values);
  result.account = std::move(measured.account);
  io::write_statistics(result.file, result.values);
  return result;
}

void check_chain(const io::Recipe& recipe) {
  const Statistics statistics = neutral_statistics(recipe);
  make_chain(recipe.augment, statistics);
  make_chain(evaluation_chain(recipe), statistics);
}

Statistics neutral_statistics(const io::Recipe& recipe) {
  constexpr double kGrey = 127.0;
  constexpr int kLargestSide = 10'000;  // 100 megapixels: no stage takes more
  Statistics statistics{.images = 1, .mean_rgb = {kGrey, kGrey, kGrey}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 1.0;
  // Only a square before the mean gives images one size.
  const auto chain = before_mean(recipe.augment);
  for (const io::ChainEntry& entry : chain) {
    if (!entry.use || entry.node != "centre-crop") continue;
    const int side = ChainParameters(entry, CentreCrop::info).integer("side", 256);
    require(side <= kLargestSide, "augment.{}.side = {} is out of range; valid: 1 to {}",
            entry.name, side, kLargestSide);
  }
  if (const auto extent = extent_behind(chain); extent && extent->pixels() > 0) {
    statistics.mean_extent = *extent;
    statistics.mean_image.assign(static_cast<std::size_t>(extent->pixels()) * kChannels, kGrey);
  }
  return statistics;
}

}  // namespace sluice::nodes
