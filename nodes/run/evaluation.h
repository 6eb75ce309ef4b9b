// Private to evaluate(): the pipeline of an evaluation, its programs and what becomes of answers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "nodes/evaluate_dense.h"
#include "nodes/evaluate_views.h"
#include "nodes/run/branches.h"
#include "nodes/run/evaluate.h"
#include "nodes/run/machine.h"
#include "nodes/run/net_memory.h"
#include "nodes/run/subject.h"
#include "nodes/run/view_average.h"

namespace sluice::nodes {

using Subjects = std::vector<std::unique_ptr<Subject>>;

// Programs for the branches of one net; made inside the arena.
class SubjectPrograms {
 public:
  struct Options {
    ProgramOptions program{};
    Machine& machine;
  };
  SubjectPrograms(Subject& subject, Options options);

  // For so many rows; the same for the same number.
  Program& of_rows(int rows);
  const std::shared_ptr<DensePrograms>& dense();  // made when first asked for

  // Of states and programs, and the programs' alone for another number of images a batch.
  std::size_t state_bytes() const { return subject_.state.bytes(); }
  std::size_t bytes_for(int rows) const;
  // Of the dense forms: what is kept of them, or the largest, where that is more.
  std::size_t dense_bytes(Extent largest) const;
  bool is_dense() const { return dense_ != nullptr; }

 private:
  Subject& subject_;
  Options options_;
  std::map<int, std::unique_ptr<Program>> by_rows_;
  std::shared_ptr<DensePrograms> dense_;
};

// What a branch's images can be at most, where it takes whole ones, and the order that groups equal
// sizes.
struct WholeSizes {
  std::vector<std::int64_t> most_pixels;  // of each branch; 0 of those that take crops
  std::vector<Extent> largest;
  std::vector<std::uint32_t> order;  // numbers of entries
};
WholeSizes whole_sizes(const std::vector<BranchPlan>& branches, const Subjects& subjects,
                       const io::Dataset& data, const graph::PipelineOptions& options);

// Images of a batch, so that its largest branch has about `rows` rows.
int images_a_batch(const std::vector<BranchPlan>& branches, int rows);

}  // namespace sluice::nodes
