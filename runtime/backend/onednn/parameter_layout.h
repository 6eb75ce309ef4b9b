// A parameter's values as a oneDNN memory descriptor says.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

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
  // A table of connections: block i of the canonical values (the last two dims) is block blocks[i]
  // of the array, all others are 0. Empty: every block, in order.
  std::vector<std::int64_t> blocks{};

  friend bool operator==(const ParameterView&, const ParameterView&) = default;
};

ParameterView biases_view(std::int64_t count);

// Immutable; any thread. Padding is zero. A state's own layouts are f32; a private copy of values
// may be bf16.
class OnednnLayout final : public ParameterLayout {
 public:
  OnednnLayout(ParameterView view, dnnl::memory::desc desc);

  const ParameterView& view() const { return view_; }
  const dnnl::memory::desc& desc() const { return desc_; }
  // Whether stored values are in canonical order.
  bool canonical() const { return desc_ == plain_ && plain_order(); }
  std::size_t bytes() const { return desc_.get_size(); }
  std::size_t floats() const override { return bytes() / sizeof(float); }
  void from_canonical(std::span<const float> canonical, std::span<float> stored) const override;
  void to_canonical(std::span<const float> stored, std::span<float> canonical) const override;
  // `stored`: bytes() of memory; values are rounded to bf16 where the descriptor is.
  void store(std::span<const float> canonical, void* stored) const;
  // Zeros where no canonical value stands, in f32.
  void clear_unconnected(float* stored) const;

 private:
  bool plain_order() const { return view_.pixels == 1 && view_.blocks.empty(); }

  ParameterView view_;
  dnnl::memory::desc desc_;
  dnnl::memory::desc plain_;               // of view_.dims, dense, first index outermost
  std::vector<std::uint8_t> connected_{};  // as stored; empty without a table
};

using LayoutPointer = std::shared_ptr<const ParameterLayout>;

// Null unless `layout` is a OnednnLayout of this view.
const OnednnLayout* onednn_layout(const ParameterLayout& layout, const ParameterView& view);

// A reorder between two descriptors, made once to run often. One caller at a time.
class Reorder {
 public:
  Reorder(dnnl::memory::desc from, dnnl::memory::desc to);
  void run(const void* values, void* result);

 private:
  Device device_;
  dnnl::memory::desc from_, to_;
  Primitive primitive_;
  std::vector<std::byte> scratch_;
};

// Values from one layout to another: one reorder between oneDNN layouts of one view, else by way of
// canonical values. Into the state's memory, and into a private copy (`to.bytes()`, rounded to bf16
// where its descriptor is).
void rearrange(const ParameterLayout& from, std::span<const float> values,
               const ParameterLayout& to, std::span<float> result);
void rearrange(const ParameterLayout& from, std::span<const float> values, const OnednnLayout& to,
               void* result);

}  // namespace sluice::onednn
