#include "runtime/backend/cudnn/draft.h"

#include <algorithm>

#include "runtime/backend/cudnn/operation_arrays.h"

namespace sluice::cudnn {
namespace {

// The times at which numbered arrays are touched: one an operation, one for what is copied out
// behind forward, and the end of the step.
class Lifetimes {
 public:
  explicit Lifetimes(const std::vector<std::size_t>& bytes) {
    for (const std::size_t b : bytes) arrays_.push_back({.bytes = b, .lifetime = {kNever, 0}});
  }

  void touch(const std::vector<Operation>& operations) {
    for (Operation operation : operations) {
      for_each_array(operation.what, [this](const Array& array, ArrayUse) { touch(array); });
      ++now_;
    }
  }
  void touch(const Array& array) {
    if (array.home != Home::program) return;
    Lifetime& lifetime = arrays_[array.offset].lifetime;
    lifetime = {std::min(lifetime.first, now_), std::max(lifetime.last, now_)};
  }
  void pass() { ++now_; }

  // Arrays that nothing touches take no memory.
  std::vector<PlacedArray> arrays() const {
    std::vector<PlacedArray> placed = arrays_;
    for (PlacedArray& array : placed) {
      if (array.lifetime.first == kNever) array = {};
    }
    return placed;
  }

 private:
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  std::size_t now_ = 0;
  std::vector<PlacedArray> arrays_;
};

void put(Array& array, const Placement& placement) {
  if (array.home == Home::program) array.offset = placement.offsets[array.offset];
}

void put(std::vector<Operation>& operations, const Placement& placement) {
  for (Operation& operation : operations) {
    for_each_array(operation.what, [&](Array& array, ArrayUse) { put(array, placement); });
  }
}

}  // namespace

Draft::Draft(const PlanOptions& plan_of)
    : of(plan_of),
      layers(plan_layers(plan_of.net, plan_of.options)),
      results(plan_of.net.layers.size()),
      notes(plan_of.net.layers.size()),
      weights(plan_of.net.layers.size(), 0) {
  const std::vector<ParameterInfo> infos = parameters(of.net);
  for (std::size_t i = infos.size(); i-- > 0;) weights[infos[i].layer] = i;
  plan.step = step_layout(of.options.batch, infos.size());
}

Array Draft::make(std::int64_t count, Precision element) {
  bytes_.push_back(static_cast<std::size_t>(count) * element_bytes(element));
  return {Home::program, bytes_.size() - 1, count, element};
}

Array Draft::make_bytes(std::int64_t count) {
  bytes_.push_back(static_cast<std::size_t>(count));
  return {Home::program, bytes_.size() - 1, count};
}

Array Draft::weights_of(std::size_t layer) const {
  const std::size_t parameter = weights[layer];
  return of.options.precision == Precision::bf16 ? of.parameters.rounded(parameter)
                                                 : of.parameters.values(parameter);
}

Array Draft::biases_of(std::size_t layer) const { return of.parameters.values(weights[layer] + 1); }

Plane Draft::plane(const Shape& row) const {
  const auto size = [&](std::size_t axis) { return static_cast<int>(row[axis]); };
  if (row.rank() == 1) return {.rows = of.options.batch, .channels = size(0)};
  return {.rows = of.options.batch, .height = size(1), .width = size(2), .channels = size(0)};
}

Plan Draft::place() && {
  Lifetimes lifetimes(bytes_);
  lifetimes.touch(plan.take_rows);
  lifetimes.touch(plan.take_bytes);
  lifetimes.touch(plan.forward);
  lifetimes.touch(plan.scores);
  lifetimes.touch(plan.losses);
  lifetimes.pass();
  lifetimes.touch(plan.backward);
  for (const Array& kept : plan.kept) lifetimes.touch(kept);
  const std::vector<PlacedArray> arrays = lifetimes.arrays();
  const Spacing spacing{.step = 256, .beside = 0};
  const Placement placement = sluice::place(arrays, of.sharing, spacing);
  for (auto* operations : {&plan.take_rows, &plan.take_bytes, &plan.forward, &plan.backward})
    put(*operations, placement);
  for (Array* array : {&plan.scores, &plan.losses}) put(*array, placement);
  for (Array& array : plan.kept) put(array, placement);
  plan.program_bytes = placement.bytes;
  plan.unshared_bytes = sluice::place(arrays, Sharing::none, spacing).bytes;
  return std::move(plan);
}

}  // namespace sluice::cudnn
