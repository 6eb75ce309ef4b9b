// A parameter's values as a oneDNN memory descriptor says.
#pragma once

#include <memory>
#include <span>

#include "runtime/backend/onednn/handles.h"
#include "runtime/net/net_state.h"

namespace sluice::onednn {

// How the canonical values read as the array that primitives know.
struct ParameterView {
  dnnl::memory::dims dims;  // (out, in, y, x), (groups, out, in, y, x), (out, in)
  // Fully connected on a plane: canonical inputs are (channel, pixel), activations (pixel,
  // channel).
  std::int64_t channels = 1;
  std::int64_t pixels = 1;

  friend bool operator==(const ParameterView&, const ParameterView&) = default;
};

ParameterView biases_view(std::int64_t count);

// Immutable; any thread. Padding is zero.
class OnednnLayout final : public ParameterLayout {
 public:
  OnednnLayout(ParameterView view, dnnl::memory::desc desc);

  const ParameterView& view() const { return view_; }
  const dnnl::memory::desc& desc() const { return desc_; }
  // Whether stored values are in canonical order.
  bool canonical() const { return desc_ == plain_ && view_.pixels == 1; }
  std::size_t floats() const override { return desc_.get_size() / sizeof(float); }
  void from_canonical(std::span<const float> canonical, std::span<float> stored) const override;
  void to_canonical(std::span<const float> stored, std::span<float> canonical) const override;

 private:
  ParameterView view_;
  dnnl::memory::desc desc_;
  dnnl::memory::desc plain_;  // of view_.dims, dense, first index outermost
};

using LayoutPointer = std::shared_ptr<const ParameterLayout>;

// Null unless `layout` is a OnednnLayout of this view.
const OnednnLayout* onednn_layout(const ParameterLayout& layout, const ParameterView& view);

// Values from one layout to another: one reorder between oneDNN layouts of one view, else by way of
// canonical values.
void rearrange(const ParameterLayout& from, std::span<const float> values,
               const ParameterLayout& to, std::span<float> result);

}  // namespace sluice::onednn
