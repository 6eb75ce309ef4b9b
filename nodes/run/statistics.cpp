#include "nodes/run/statistics.h"

#include <fmt/format.h>

#include <chrono>

#include "graph/pipeline.h"
#include "io/sample_order.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/chain_parameters.h"
#include "nodes/data_source.h"
#include "nodes/measure_statistics.h"
#include "nodes/read_file.h"
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

}  // namespace

MeasuredStatistics measure_statistics(const io::Recipe& recipe, const io::Dataset& data,
                                      const Machine& machine, const Listener& listener,
                                      std::stop_token stop) {
  MeasureStatistics collector;
  Progress progress{.phase = "statistics",
                    .images_all = static_cast<std::int64_t>(data.entries.size())};
  auto stream = graph::files(ReadFile{data.root}) | make_decoder(recipe) |
                make_chain(before_mean(recipe.augment), {}) | collector |
                Watch{[&](const graph::Batch& batch) {
                  progress.images += batch.count;
                  listener.show(progress);
                }};
  graph::PipelineOptions options = pipeline_options(recipe, machine.preparation_bytes);
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
  if (!statistics_need(recipe.augment).any()) return result;
  result.file = cache_file(recipe, data, cache);
  if (std::filesystem::exists(result.file)) {
    try {
      result.values = io::read_statistics(result.file);
      result.from_cache = true;
      return result;
    } catch (const Error& error) {
      listener.tell(fmt::format("measuring again: {}", error.what()));
    }
  }
  listener.tell(fmt::format("measuring mean and colours of {} images", data.entries.size()));
  MeasuredStatistics measured =
      measure_statistics(recipe, data, machine, listener, std::move(stop));
  result.values = std::move(measured.values);
  result.account = std::move(measured.account);
  std::error_code refused;
  std::filesystem::create_directories(cache, refused);
  require(!refused, "statistics cache {}: cannot be made: {}; name another with --cache",
          cache.string(), refused.message());
  io::write_statistics(result.file, result.values);
  return result;
}

Statistics neutral_statistics(const io::Recipe& recipe) {
  constexpr double kGrey = 127.0;
  Statistics statistics{.images = 1, .mean_rgb = {kGrey, kGrey, kGrey}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 1.0;
  // Only a square before the mean gives images one size.
  for (const io::ChainEntry& entry : before_mean(recipe.augment)) {
    if (!entry.use || entry.node != "centre-crop") continue;
    const int side = ChainParameters(entry, augment_nodes()[1]).integer("side", 256);
    statistics.mean_extent = {side, side};
    statistics.mean_image.assign(static_cast<std::size_t>(side * side * kChannels), kGrey);
  }
  return statistics;
}

}  // namespace sluice::nodes
