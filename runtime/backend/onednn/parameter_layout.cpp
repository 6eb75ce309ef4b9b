#include "runtime/backend/onednn/parameter_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

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

void reorder(const memory::desc& from, const float* values, const memory::desc& to, float* result) {
  const Device device;
  const Primitive primitive = make_reorder(device, from, to);
  std::vector<std::byte> scratch(primitive.scratch_bytes());
  execute(device, primitive, scratch.data(),
          {{DNNL_ARG_FROM, from, values}, {DNNL_ARG_TO, to, result}});
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

}  // namespace

ParameterView biases_view(std::int64_t count) { return {.dims = {count}}; }

OnednnLayout::OnednnLayout(ParameterView view, memory::desc desc)
    : view_(std::move(view)), desc_(std::move(desc)), plain_(dense_desc(view_.dims)) {}

void OnednnLayout::from_canonical(std::span<const float> canonical, std::span<float> stored) const {
  if (view_.pixels == 1) return reorder(plain_, canonical.data(), desc_, stored.data());
  std::vector<float> plain(canonical.size());
  transpose_inner(canonical, static_cast<std::size_t>(view_.channels),
                  static_cast<std::size_t>(view_.pixels), plain);
  reorder(plain_, plain.data(), desc_, stored.data());
}

void OnednnLayout::to_canonical(std::span<const float> stored, std::span<float> canonical) const {
  if (view_.pixels == 1) return reorder(desc_, stored.data(), plain_, canonical.data());
  std::vector<float> plain(canonical.size());
  reorder(desc_, stored.data(), plain_, plain.data());
  transpose_inner(plain, static_cast<std::size_t>(view_.pixels),
                  static_cast<std::size_t>(view_.channels), canonical);
}

const OnednnLayout* onednn_layout(const ParameterLayout& layout, const ParameterView& view) {
  const auto* ours = dynamic_cast<const OnednnLayout*>(&layout);
  return ours != nullptr && ours->view() == view ? ours : nullptr;
}

void rearrange(const ParameterLayout& from, std::span<const float> values,
               const ParameterLayout& to, std::span<float> result) {
  const auto* ours = dynamic_cast<const OnednnLayout*>(&to);
  const OnednnLayout* source = ours != nullptr ? onednn_layout(from, ours->view()) : nullptr;
  if (source != nullptr) return reorder(source->desc(), values.data(), ours->desc(), result.data());
  const auto* either = ours != nullptr ? ours : dynamic_cast<const OnednnLayout*>(&from);
  const auto elements = either == nullptr
                            ? std::min(values.size(), result.size())
                            : static_cast<std::size_t>(std::accumulate(
                                  either->view().dims.begin(), either->view().dims.end(),
                                  std::int64_t{1}, std::multiplies<>()));
  std::vector<float> canonical(elements);
  from.to_canonical(values, canonical);
  to.from_canonical(canonical, result);
}

}  // namespace sluice::onednn
