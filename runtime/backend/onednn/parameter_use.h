// How a primitive meets a parameter: in the state's own memory where the layouts agree, else
// through a private copy. Both follow a state whose layouts another program has changed since.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "runtime/backend/onednn/parameter_layout.h"

namespace sluice::onednn {

// The state's parameter, the layout wanted of it, and the private copy where they differ.
class ParameterUse {
 public:
  ParameterUse(NetState& state, std::size_t index, std::shared_ptr<const OnednnLayout> wanted);

  const dnnl::memory::desc& desc() const { return wanted_->desc(); }
  std::size_t bytes() const { return copy_.size(); }

 protected:
  NetState& state() const { return *state_; }
  Parameter& parameter() const { return state_->parameters()[index_]; }
  const OnednnLayout& wanted() const { return *wanted_; }
  // Whether the primitive can use the state's own memory.
  bool direct();
  // Memory is taken when it is first needed.
  std::byte* copy();
  // The state's layout, if it is one of this backend's and of the view wanted; else null.
  const OnednnLayout* stored();
  // Between `stored` and the copy; made when it is first needed.
  Reorder& reorder(const dnnl::memory::desc& from, const dnnl::memory::desc& to);

 private:
  // Looks at the state's layout again if it is another one since.
  void follow_state();

  NetState* state_;
  std::size_t index_;
  std::shared_ptr<const OnednnLayout> wanted_;
  Block copy_;
  LayoutPointer seen_;  // the state's layout that the rest belongs to
  const OnednnLayout* stored_ = nullptr;
  bool direct_ = false;
  std::optional<Reorder> reorder_;
};

// Values that a primitive reads in the layout it wants, in f32 or rounded to bf16.
class ValuesUse : public ParameterUse {
 public:
  using ParameterUse::ParameterUse;

  // Up to date; the copy is refreshed when the state's version or layout has changed.
  const void* values();

 private:
  std::optional<std::uint64_t> copied_version_;
};

// A gradient that a primitive writes in the layout it wants.
class GradientUse : public ParameterUse {
 public:
  using ParameterUse::ParameterUse;

  // Where to write; then `finish` clears what a table leaves out and brings it into the state.
  float* target();
  void finish();
};

// What the primitives of one layer want its weights to look like. Absent in evaluation, or without
// an input gradient.
struct WantedDescs {
  dnnl::memory::desc forward;
  std::optional<dnnl::memory::desc> backward_data;
  std::optional<dnnl::memory::desc> gradient;
};

// The f32 descriptor that saves most reorders a step; forward's own where it is a draw, because
// evaluation uses it too. In bf16 that is the gradient's: weights are rounded into copies anyway.
const dnnl::memory::desc& fewest_reorders(const WantedDescs& wanted);

// The state's descriptor of a parameter, if it is one of this backend's and of this view.
std::optional<dnnl::memory::desc> stored_desc(const NetState& state, std::size_t index,
                                              const ParameterView& view);

}  // namespace sluice::onednn
