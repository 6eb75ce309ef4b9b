#include "nodes/run/evaluation.h"

#include <algorithm>
#include <numeric>

#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/run/image_sizes.h"
#include "runtime/net/dense_form.h"

namespace sluice::nodes {
namespace {

// Memory in which dense forms of sizes that come again are kept.
constexpr std::size_t kDenseBytes = std::size_t{512} << 20;
constexpr int kWholeImages = 4;  // a batch: each is run by itself

}  // namespace

SubjectPrograms::SubjectPrograms(Subject& subject, Options options)
    : subject_(subject), options_(options) {
  options_.program.purpose = Purpose::evaluation;
  options_.program.layouts = Layouts::chosen;
}

Program& SubjectPrograms::of_rows(int rows) {
  std::unique_ptr<Program>& program = by_rows_[rows];
  if (!program) {
    ProgramOptions options = options_.program;
    options.batch = rows;
    options_.machine.arena->run([&] {
      program = options_.machine.backend->compile(subject_.net, subject_.state, options);
    });
  }
  return *program;
}

const std::shared_ptr<DensePrograms>& SubjectPrograms::dense() {
  if (dense_) return dense_;
  const DensePrograms::Source source{.net = subject_.net,
                                     .state = subject_.state,
                                     .backend = *options_.machine.backend,
                                     .options = options_.program};
  dense_ = std::make_shared<DensePrograms>(source, kDenseBytes);
  return dense_;
}

std::size_t SubjectPrograms::bytes_for(int rows) const {
  ProgramOptions options = options_.program;
  options.batch = rows;
  std::size_t bytes = 0;
  options_.machine.arena->run([&] {
    bytes = options_.machine.backend->compile(subject_.net, subject_.state, options)->bytes();
  });
  return bytes;
}

std::size_t SubjectPrograms::dense_bytes(Extent largest) const {
  if (!dense_ || largest == Extent{}) return 0;
  ProgramOptions options = options_.program;
  options.batch = EvaluateDense::kImages;
  std::size_t bytes = 0;
  options_.machine.arena->run([&] {
    bytes = options_.machine.backend
                ->compile(dense_form(subject_.net, largest), subject_.state, options)
                ->bytes();
  });
  return std::max(bytes, kDenseBytes);
}

WholeSizes whole_sizes(const std::vector<BranchPlan>& branches, const Subjects& subjects,
                       const io::Dataset& data, const graph::PipelineOptions& options) {
  WholeSizes result{.most_pixels = std::vector<std::int64_t>(branches.size(), 0),
                    .largest = std::vector<Extent>(branches.size()),
                    .order = io::in_order(static_cast<std::uint32_t>(data.entries.size()))};
  const auto is_dense = [](const BranchPlan& branch) { return branch.part.dense(); };
  if (std::ranges::none_of(branches, is_dense)) return result;
  const auto sizes = image_sizes(data, subjects.front()->trained);
  std::vector<std::pair<int, int>> keys(sizes.size());  // of the first such branch
  bool first = true;
  for (std::size_t b = 0; b < branches.size(); ++b) {
    if (!is_dense(branches[b])) continue;
    const graph::Chain chain =
        make_chain(branches[b].chain, subjects[branches[b].net]->info.statistics);
    result.most_pixels[b] = 1;  // where no image can be read
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (!sizes[i]) continue;
      const auto behind = size_behind(chain, *sizes[i], options.max_pixels);
      if (!behind) continue;
      if (first) keys[i] = {behind->height, behind->width};
      if (behind->pixels() <= result.most_pixels[b]) continue;
      result.most_pixels[b] = behind->pixels();
      result.largest[b] = *behind;
    }
    first = false;
  }
  std::ranges::stable_sort(result.order, {}, [&](std::uint32_t number) { return keys[number]; });
  return result;
}

int images_a_batch(const std::vector<BranchPlan>& branches, int rows) {
  std::size_t views = 0;
  for (const BranchPlan& branch : branches) views = std::max(views, branch.part.crops.size());
  if (views == 0) return std::min(rows, kWholeImages);
  return std::max(1, rows / static_cast<int>(views));
}

}  // namespace sluice::nodes
