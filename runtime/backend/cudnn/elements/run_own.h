// Which elements an operation is made of. An executor is a struct with
//   void for_each(std::int64_t count, const Element& element);  element(i) for each i
//   void fold_each(std::int64_t count, const Fold& fold);        fold.h, for each i
// in any order, done before what it is handed next begins.
#pragma once

#include <variant>

#include "runtime/backend/cudnn/elements/bias_gradient.h"
#include "runtime/backend/cudnn/elements/dropout.h"
#include "runtime/backend/cudnn/elements/losses.h"
#include "runtime/backend/cudnn/elements/lrn.h"
#include "runtime/backend/cudnn/elements/max_pool.h"
#include "runtime/backend/cudnn/elements/partial_convolution.h"
#include "runtime/backend/cudnn/elements/rbf.h"
#include "runtime/backend/cudnn/elements/relu.h"
#include "runtime/backend/cudnn/elements/round_values.h"
#include "runtime/backend/cudnn/elements/same_map_lrn.h"
#include "runtime/backend/cudnn/elements/subsample.h"
#include "runtime/backend/cudnn/elements/take_rows.h"
#include "runtime/backend/cudnn/elements/tanh.h"
#include "runtime/backend/cudnn/elements/update.h"

namespace sluice::cudnn::elements {

template <class Executor>
struct RunOwn {
  const Memory& memory;
  Executor& executor;

  // What vendors' libraries do.
  bool operator()(const ConvolutionForward&) const { return false; }
  bool operator()(const ConvolutionBackwardData&) const { return false; }
  bool operator()(const ConvolutionBackwardWeights&) const { return false; }
  bool operator()(const ProductForward&) const { return false; }
  bool operator()(const ProductBackwardData&) const { return false; }
  bool operator()(const ProductBackwardWeights&) const { return false; }

  // All others; one without elements does not compile.
  template <class What>
  bool operator()(const What& what) const {
    run(what, memory, executor);
    return true;
  }
};

// Whether the operation is one of ours; if so, all of its elements were handed to the executor.
template <class Executor>
bool run_own(const Operation& operation, const Memory& memory, Executor& executor) {
  return std::visit(RunOwn<Executor>{memory, executor}, operation.what);
}

}  // namespace sluice::cudnn::elements
