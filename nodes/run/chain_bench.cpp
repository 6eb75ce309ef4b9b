#include "nodes/run/chain_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "graph/stage.h"
#include "nodes/augment_chain.h"
#include "nodes/run/full_view.h"
#include "nodes/run/image_opener.h"
#include "nodes/run/stage_image.h"
#include "nodes/run/statistics.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPoolBytes = std::size_t{1} << 30;

struct Decoded {
  graph::SampleId id;
  Image image;
};

// A chain, and what its nodes took in each round: nanoseconds of all images together.
struct Subject {
  std::string name;
  graph::Chain stages;
  std::vector<std::vector<double>> rounds{};  // [stage][round]
  std::vector<double> bytes_in{}, bytes_out{};
};

bool fits_all(const Subject& subject, const Decoded& decoded, std::uint64_t seed,
              std::size_t bytes) {
  Image image = decoded.image.clone();
  for (const auto& stage : subject.stages) {
    if (!stage_fits(*stage, seed, decoded.id, image.view(), bytes)) return false;
    image = apply_stage(*stage, seed, decoded.id, image.view()).image;
  }
  return true;
}

std::vector<Decoded> usable_images(const io::Dataset& data, const io::Recipe& recipe,
                                   const std::vector<Subject>& subjects,
                                   const BenchRequest& request) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  std::vector<Decoded> images;
  take_images(data, recipe,
              {.images = request.images, .bytes = request.bytes, .chains = subjects.size()},
              [&](const graph::SourceItem& item, Image image) {
                Decoded decoded{item.id, std::move(image)};
                const bool fits = std::ranges::all_of(subjects, [&](const Subject& subject) {
                  return fits_all(subject, decoded, seed, request.bytes);
                });
                if (fits) images.push_back(std::move(decoded));
                return fits;
              });
  return images;
}

// One image through all nodes, each node's time added to `times`.
void run_image(Subject& subject, const Decoded& decoded, std::uint64_t seed, BlockPool& pool,
               std::vector<double>& times) {
  Image image(pool, decoded.image.extent(), decoded.image.type());
  std::copy_n(decoded.image.view().data, image_bytes(image.extent(), image.type()),
              image.view().data);
  for (std::size_t n = 0; n < subject.stages.size(); ++n) {
    const graph::AugmentStage& stage = *subject.stages[n];
    const ConstImageView from = std::as_const(image).view();
    Random random = stage_random(stage, seed, decoded.id);
    const graph::DecisionBox decision = stage.draw(random, from.extent);
    Image made(pool, stage.extent_after(decision, from.extent), stage.type_after(from.type));
    const std::size_t bytes = stage.scratch_bytes(decision, from.extent, from.type);
    const Block scratch = bytes == 0 ? Block() : pool.take(bytes);
    const Clock::time_point begun = Clock::now();
    stage.apply(all_of(from), decision, all_of(made.view()), scratch.bytes());
    times[n] += std::chrono::duration<double, std::nano>(Clock::now() - begun).count();
    subject.bytes_in[n] += static_cast<double>(image_bytes(from.extent, from.type));
    subject.bytes_out[n] += static_cast<double>(image_bytes(made.extent(), made.type()));
    image = std::move(made);
  }
}

void run_round(Subject& subject, const std::vector<Decoded>& images, std::uint64_t seed,
               BlockPool& pool) {
  std::vector<double> times(subject.stages.size(), 0.0);
  std::ranges::fill(subject.bytes_in, 0.0);
  std::ranges::fill(subject.bytes_out, 0.0);
  for (const Decoded& decoded : images) run_image(subject, decoded, seed, pool, times);
  for (std::size_t n = 0; n < times.size(); ++n) subject.rounds[n].push_back(times[n]);
}

// Ranks of a median's 95 % interval: binomial, by the normal distribution.
Nanoseconds middle(std::vector<double> values, double images) {
  std::ranges::sort(values);
  const auto count = static_cast<double>(values.size());
  const double half = 0.98 * std::sqrt(count);
  const auto at = [&](double rank) {
    const double inside = std::clamp(rank, 0.0, count - 1.0);
    return values[static_cast<std::size_t>(inside)] / images;
  };
  const std::size_t upper = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[upper] : (values[upper - 1] + values[upper]) / 2.0;
  return {.median = median / images,
          .low = at(std::floor(count / 2.0 - half)),
          .high = at(std::ceil(count / 2.0 + half - 1.0))};
}

ChainCost cost_of(const Subject& subject, std::size_t images) {
  const auto count = static_cast<double>(images);
  ChainCost cost{.chain = subject.name, .stages = {}, .time = {}};
  std::vector<double> sums(subject.rounds.empty() ? 1 : subject.rounds.front().size(), 0.0);
  for (std::size_t n = 0; n < subject.stages.size(); ++n) {
    cost.stages.push_back({.node = subject.stages[n]->name(),
                           .time = middle(subject.rounds[n], count),
                           .bytes_in = subject.bytes_in[n] / count,
                           .bytes_out = subject.bytes_out[n] / count});
    for (std::size_t round = 0; round < sums.size(); ++round)
      sums[round] += subject.rounds[n][round];
  }
  cost.time = middle(std::move(sums), count);
  return cost;
}

std::vector<Subject> subjects_of(std::span<const SheetChain> chains) {
  std::vector<Subject> subjects;
  for (const SheetChain& chain : chains) {
    Subject subject{chain.name,
                    make_chain(training_chain(chain.recipe), neutral_statistics(chain.recipe))};
    subject.rounds.resize(subject.stages.size());
    subject.bytes_in.resize(subject.stages.size());
    subject.bytes_out.resize(subject.stages.size());
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

}  // namespace

std::vector<ChainCost> chain_bench(const io::Dataset& data, std::span<const SheetChain> chains,
                                   const BenchRequest& request) {
  require(request.rounds >= 6, "{} rounds are too few for an interval; valid: 6 or more",
          request.rounds);
  const io::Recipe& first = chains.front().recipe;
  const auto seed = static_cast<std::uint64_t>(first.integer("seed"));
  std::vector<Subject> subjects = subjects_of(chains);
  const std::vector<Decoded> images = usable_images(data, first, subjects, request);
  BlockPool pool(kPoolBytes);
  for (Subject& subject : subjects) run_round(subject, images, seed, pool);  // warms up
  for (Subject& subject : subjects)
    for (std::vector<double>& rounds : subject.rounds) rounds.clear();
  for (std::size_t round = 0; round < static_cast<std::size_t>(request.rounds); ++round)
    for (std::size_t i = 0; i < subjects.size(); ++i)
      run_round(subjects[(i + round) % subjects.size()], images, seed, pool);
  std::vector<ChainCost> costs;
  for (const Subject& subject : subjects) costs.push_back(cost_of(subject, images.size()));
  return costs;
}

}  // namespace sluice::nodes
