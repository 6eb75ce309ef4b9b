#include "runtime/backend/cudnn/host/host_operations.h"

#include "runtime/backend/cudnn/elements/run_own.h"
#include "runtime/backend/cudnn/host/convolution.h"
#include "runtime/backend/cudnn/host/product.h"

namespace sluice::cudnn {
namespace {

struct Loops {
  template <class Element>
  void for_each(std::int64_t count, const Element& element) const {
    for (std::int64_t i = 0; i < count; ++i) element(i);
  }
  template <class Fold>
  void fold_each(std::int64_t count, const Fold& fold) const {
    for (std::int64_t i = 0; i < count; ++i) elements::fold_on_host(fold, i);
  }
};

// What vendors' libraries do; nothing of our own.
struct RunLibrary {
  const Memory& memory;

  void operator()(const ConvolutionForward& what) const { host::run(what, memory); }
  void operator()(const ConvolutionBackwardData& what) const { host::run(what, memory); }
  void operator()(const ConvolutionBackwardWeights& what) const { host::run(what, memory); }
  void operator()(const ProductForward& what) const { host::run(what, memory); }
  void operator()(const ProductBackwardData& what) const { host::run(what, memory); }
  void operator()(const ProductBackwardWeights& what) const { host::run(what, memory); }
  template <class Own>
  void operator()(const Own&) const {}
};

}  // namespace

void run_on_host(std::span<const Operation> operations, const Memory& memory) {
  const Loops loops;
  for (const Operation& operation : operations) {
    if (elements::run_own(operation, memory, loops)) continue;
    std::visit(RunLibrary{memory}, operation.what);
  }
}

}  // namespace sluice::cudnn
