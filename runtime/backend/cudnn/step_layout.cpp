#include "runtime/backend/cudnn/step_layout.h"

#include <algorithm>
#include <cstring>

#include "runtime/backend/update_factors.h"

namespace sluice::cudnn {
namespace {

// Arrays one behind the other.
class Packing {
 public:
  Array add(std::int64_t count, std::size_t value_bytes) {
    const Array array{Home::step, end_, count};
    end_ = (end_ + static_cast<std::size_t>(count) * value_bytes + 255) / 256 * 256;
    return array;
  }
  std::size_t end() const { return end_; }

 private:
  std::size_t end_ = 0;
};

template <class T>
void write(std::span<std::byte> block, const Array& array, std::span<const T> values) {
  std::ranges::copy(std::as_bytes(values),
                    block.subspan(array.offset, values.size_bytes()).begin());
}

template <class T>
void write_or_zero(std::span<std::byte> block, const Array& array, std::span<const T> values) {
  if (!values.empty()) return write(block, array, values);
  std::ranges::fill(block.subspan(array.offset, static_cast<std::size_t>(array.count) * sizeof(T)),
                    std::byte{0});
}

// As the oneDNN backend rounds them (onednn/update.cpp).
struct SegmentOf {
  const UpdateFactors& factors;

  UpdateSegment operator()(const SgdRule& rule) const {
    const bool pytorch = rule.form == SgdRule::Form::pytorch;
    const double decays_by = pytorch ? 1.0 : factors.rate;
    return {.momentum = static_cast<float>(factors.momentum),
            .decay = static_cast<float>(factors.l2 * decays_by),
            .sparsity = static_cast<float>(factors.l1 * decays_by),
            .scale = static_cast<float>(1.0 / factors.rows),
            .rate = static_cast<float>(pytorch ? factors.rate : factors.rate / factors.rows),
            .still = factors.still ? 1 : 0};
  }
  UpdateSegment operator()(const DiagonalLmRule&) const {
    return {.rate = static_cast<float>(factors.rate / factors.rows),
            .damping = static_cast<float>(factors.damping),
            .still = factors.still ? 1 : 0};
  }
};

struct FormOf {
  Update::Form operator()(const SgdRule& rule) const {
    switch (rule.form) {
      case SgdRule::Form::paper:
        return Update::Form::paper;
      case SgdRule::Form::pytorch:
        return Update::Form::pytorch;
      case SgdRule::Form::nesterov:
        return Update::Form::nesterov;
    }
    return Update::Form::paper;
  }
  Update::Form operator()(const DiagonalLmRule&) const { return Update::Form::diagonal; }
};

}  // namespace

StepLayout step_layout(int rows, std::size_t parameters) {
  Packing packing;
  (void)packing.add(1, sizeof(StepNumbers));
  StepLayout layout;
  layout.labels = packing.add(rows, sizeof(std::int32_t));
  layout.row_weights = packing.add(rows, sizeof(float));
  layout.other_labels = packing.add(rows, sizeof(std::int32_t));
  layout.other_shares = packing.add(rows, sizeof(float));
  layout.transforms = packing.add(rows, sizeof(RowTransform));
  layout.factors = packing.add(static_cast<std::int64_t>(parameters), sizeof(UpdateSegment));
  layout.bytes = packing.end();
  return layout;
}

void write_forward(const StepLayout& layout, const StepInput& input, std::span<std::byte> block) {
  const StepNumbers numbers{.seed = input.seed, .step = input.step, .first_row = input.first_row};
  std::memcpy(block.data(), &numbers, sizeof numbers);
  write(block, layout.labels, input.labels);
  write(block, layout.row_weights, input.row_weights);
  write_or_zero(block, layout.other_labels, input.other_labels);
  write_or_zero(block, layout.other_shares, input.other_shares);
  if (!input.transforms.empty()) return write(block, layout.transforms, input.transforms);
  const RowTransform none;
  for (std::size_t row = 0; row < input.labels.size(); ++row)
    std::memcpy(block.data() + layout.transforms.offset + row * sizeof none, &none, sizeof none);
}

void write_update(const StepLayout& layout, const UpdateOf& update, const StepInput& input,
                  std::span<std::byte> block) {
  std::vector<UpdateSegment> segments;
  for (const ParameterInfo& info : parameters(update.net)) {
    const UpdateFactors factors = update_factors(update.rule, update.net, info, input, update.rows);
    segments.push_back(std::visit(SegmentOf{factors}, update.rule));
  }
  write(block, layout.factors, std::span<const UpdateSegment>(segments));
}

Update::Form update_form(const UpdateRule& rule) { return std::visit(FormOf{}, rule); }

}  // namespace sluice::cudnn
