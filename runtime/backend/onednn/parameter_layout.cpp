#include "runtime/backend/onednn/parameter_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "runtime/backend/onednn/kernels.h"

namespace sluice::onednn {
namespace {

using dnnl::memory;

memory::desc dense_desc(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
  return {dims, memory::data_type::f32, strides};
}

Primitive make_reorder(const Device& device, const memory::desc& from, const memory::desc& to) {
  try {
    const dnnl::reorder::primitive_desc description(device.engine, from, device.engine, to,
                                                    attributes());
    return {dnnl::reorder(description), description.scratchpad_desc(), {}};
  } catch (const dnnl::error& error) {
    fail_run(error, "rearrange weights");
  }
}

void reorder(const memory::desc& from, const float* values, const memory::desc& to, void* result) {
  Reorder(from, to).run(values, result);
}

// (outer, a, b) to (outer, b, a).
void transpose_inner(std::span<const float> from, std::size_t a, std::size_t b,
                     std::span<float> to) {
  for (std::size_t first = 0; first < from.size(); first += a * b) {
    for (std::size_t i = 0; i < a; ++i) {
      for (std::size_t j = 0; j < b; ++j) to[first + j * a + i] = from[first + i * b + j];
    }
  }
}

std::size_t elements_of(const memory::dims& dims) {
  return static_cast<std::size_t>(
      std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>()));
}

std::size_t block_elements(const ParameterView& view) {
  return elements_of({view.dims.end() - 2, view.dims.end()});
}

std::size_t canonical_elements(const ParameterView& view) {
  if (view.blocks.empty()) return elements_of(view.dims);
  return view.blocks.size() * block_elements(view);
}

// Canonical values in the order of the view's dims.
std::vector<float> in_plain_order(const ParameterView& view, std::span<const float> canonical) {
  std::vector<float> plain(elements_of(view.dims), 0.0F);
  if (view.blocks.empty()) {
    transpose_inner(canonical, static_cast<std::size_t>(view.channels),
                    static_cast<std::size_t>(view.pixels), plain);
    return plain;
  }
  const std::size_t block = block_elements(view);
  for (std::size_t i = 0; i < view.blocks.size(); ++i) {
    const auto to = static_cast<std::size_t>(view.blocks[i]) * block;
    std::copy_n(canonical.data() + i * block, block, plain.data() + to);
  }
  return plain;
}

void from_plain_order(const ParameterView& view, std::span<const float> plain,
                      std::span<float> canonical) {
  if (view.blocks.empty()) {
    return transpose_inner(plain, static_cast<std::size_t>(view.pixels),
                           static_cast<std::size_t>(view.channels), canonical);
  }
  const std::size_t block = block_elements(view);
  for (std::size_t i = 0; i < view.blocks.size(); ++i) {
    const auto from = static_cast<std::size_t>(view.blocks[i]) * block;
    std::copy_n(plain.data() + from, block, canonical.data() + i * block);
  }
}

}  // namespace

ParameterView biases_view(std::int64_t count) { return {.dims = {count}}; }

Reorder::Reorder(memory::desc from, memory::desc to)
    : from_(std::move(from)),
      to_(std::move(to)),
      primitive_(make_reorder(device_, from_, to_)),
      scratch_(primitive_.scratch_bytes()) {}

void Reorder::run(const void* values, void* result) {
  execute(device_, primitive_, scratch_.data(),
          {{DNNL_ARG_FROM, from_, values}, {DNNL_ARG_TO, to_, result}});
}

OnednnLayout::OnednnLayout(ParameterView view, memory::desc desc)
    : view_(std::move(view)), desc_(std::move(desc)), plain_(dense_desc(view_.dims)) {
  if (view_.blocks.empty() || desc_.get_data_type() != memory::data_type::f32) return;
  std::vector<float> stored(floats());
  store(std::vector<float>(canonical_elements(view_), 1.0F), stored.data());
  for (const float value : stored) connected_.push_back(value == 0.0F ? 0 : 1);
}

void OnednnLayout::from_canonical(std::span<const float> canonical, std::span<float> stored) const {
  store(canonical, stored.data());
}

void OnednnLayout::store(std::span<const float> canonical, void* stored) const {
  if (plain_order()) return reorder(plain_, canonical.data(), desc_, stored);
  reorder(plain_, in_plain_order(view_, canonical).data(), desc_, stored);
}

void OnednnLayout::to_canonical(std::span<const float> stored, std::span<float> canonical) const {
  if (plain_order()) return reorder(desc_, stored.data(), plain_, canonical.data());
  std::vector<float> plain(elements_of(view_.dims));
  reorder(desc_, stored.data(), plain_, plain.data());
  from_plain_order(view_, plain, canonical);
}

void OnednnLayout::clear_unconnected(float* stored) const {
  if (connected_.empty()) return;
  kernels::mask(stored, connected_.data(), 1.0F, connected_.size(), stored);
}

const OnednnLayout* onednn_layout(const ParameterLayout& layout, const ParameterView& view) {
  const auto* ours = dynamic_cast<const OnednnLayout*>(&layout);
  return ours != nullptr && ours->view() == view ? ours : nullptr;
}

void rearrange(const ParameterLayout& from, std::span<const float> values, const OnednnLayout& to,
               void* result) {
  if (const OnednnLayout* source = onednn_layout(from, to.view()))
    return reorder(source->desc(), values.data(), to.desc(), result);
  std::vector<float> canonical(canonical_elements(to.view()));
  from.to_canonical(values, canonical);
  to.store(canonical, result);
}

void rearrange(const ParameterLayout& from, std::span<const float> values,
               const ParameterLayout& to, std::span<float> result) {
  if (const auto* ours = dynamic_cast<const OnednnLayout*>(&to))
    return rearrange(from, values, *ours, result.data());
  const auto* source = dynamic_cast<const OnednnLayout*>(&from);
  std::vector<float> canonical(source == nullptr ? std::min(values.size(), result.size())
                                                 : canonical_elements(source->view()));
  from.to_canonical(values, canonical);
  to.from_canonical(canonical, result);
}

}  // namespace sluice::onednn
