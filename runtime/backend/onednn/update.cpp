#include "runtime/backend/onednn/update.h"

#include "runtime/backend/onednn/parallel.h"
#include "runtime/backend/onednn/update_kernel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 14;  // floats

using kernels::UpdateArrays;

// Factors of f32 from those in double, and the kernel of the rule's form.
struct Update {
  const UpdateFactors& factors;
  UpdateArrays arrays;
  std::size_t count;

  void operator()(const SgdRule& rule) const {
    switch (rule.form) {
      case SgdRule::Form::paper:
        return run(kernels::update_paper, paper());
      case SgdRule::Form::pytorch:
        return run(kernels::update_pytorch, pytorch());
      case SgdRule::Form::nesterov:
        return run(kernels::update_nesterov, paper());
    }
  }
  void operator()(const DiagonalLmRule&) const {
    run(kernels::update_diagonal,
        kernels::DiagonalFactors{.rate = static_cast<float>(factors.rate / factors.rows),
                                 .damping = static_cast<float>(factors.damping)});
  }

 private:
  kernels::PaperFactors paper() const {
    return {.momentum = static_cast<float>(factors.momentum),
            .decay = static_cast<float>(factors.l2 * factors.rate),
            .sparsity = static_cast<float>(factors.l1 * factors.rate),
            .rate = static_cast<float>(factors.rate / factors.rows)};
  }
  kernels::PytorchFactors pytorch() const {
    return {.momentum = static_cast<float>(factors.momentum),
            .decay = static_cast<float>(factors.l2),
            .sparsity = static_cast<float>(factors.l1),
            .scale = static_cast<float>(1.0 / factors.rows),
            .rate = static_cast<float>(factors.rate)};
  }
  template <class Kernel, class Factors>
  void run(const Kernel& kernel, const Factors& rounded) const {
    parallel_ranges(count, kPiece, [&](std::size_t first, std::size_t end) {
      kernel(rounded, {arrays.gradient + first, arrays.velocity + first, arrays.values + first},
             end - first);
    });
  }
};

}  // namespace

void update_parameter(const UpdateRule& rule, const UpdateFactors& factors, Parameter& parameter) {
  const std::span<float> values = parameter.values.values();
  const UpdateArrays arrays{.gradient = parameter.gradient.values().data(),
                            .velocity = parameter.velocity.values().data(),
                            .values = values.data()};
  std::visit(Update{factors, arrays, values.size()}, rule);
}

}  // namespace sluice::onednn
