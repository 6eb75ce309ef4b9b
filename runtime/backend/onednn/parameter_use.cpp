#include "runtime/backend/onednn/parameter_use.h"

#include <array>
#include <utility>

namespace sluice::onednn {
ParameterUse::ParameterUse(NetState& state, std::size_t index,
                           std::shared_ptr<const OnednnLayout> wanted)
    : state_(&state), index_(index), wanted_(std::move(wanted)) {
  if (!direct()) (void)copy();
}

void ParameterUse::follow_state() {
  if (parameter().layout == seen_) return;
  seen_ = parameter().layout;
  stored_ = onednn_layout(*seen_, wanted_->view());
  const bool canonical = dynamic_cast<const CanonicalLayout*>(seen_.get()) != nullptr;
  direct_ = canonical ? wanted_->canonical() : stored_ != nullptr && stored_->desc() == desc();
  reorder_.reset();
}

bool ParameterUse::direct() {
  follow_state();
  return direct_;
}

const OnednnLayout* ParameterUse::stored() {
  follow_state();
  return stored_;
}

Reorder& ParameterUse::reorder(const dnnl::memory::desc& from, const dnnl::memory::desc& to) {
  if (!reorder_) reorder_.emplace(from, to);
  return *reorder_;
}

std::byte* ParameterUse::copy() {
  if (copy_.data() == nullptr) copy_ = Block::allocate(wanted_->bytes());
  return copy_.data();
}

const void* ValuesUse::values() {
  const std::span<const float> current = parameter().values.values();
  if (direct()) return current.data();
  std::byte* const values = copy();
  if (copied_version_ == state().version) return values;
  if (const OnednnLayout* from = stored())
    reorder(from->desc(), desc()).run(current.data(), values);
  else
    rearrange(*parameter().layout, current, wanted(), values);
  copied_version_ = state().version;
  return values;
}

float* GradientUse::target() {
  return direct() ? parameter().gradient.values().data() : reinterpret_cast<float*>(copy());
}

void GradientUse::finish() {
  wanted().clear_unconnected(target());
  if (direct()) return;
  const std::span<float> gradient = parameter().gradient.values();
  if (const OnednnLayout* to = stored())
    reorder(desc(), to->desc()).run(target(), gradient.data());
  else
    rearrange(wanted(), {target(), wanted().floats()}, *parameter().layout, gradient);
}

const dnnl::memory::desc& fewest_reorders(const WantedDescs& wanted) {
  const dnnl::memory::desc* best = &wanted.forward;
  int best_matches = -1;
  const std::array<const dnnl::memory::desc*, 3> all = {
      &wanted.forward, wanted.gradient ? &*wanted.gradient : nullptr,
      wanted.backward_data ? &*wanted.backward_data : nullptr};
  for (const dnnl::memory::desc* candidate : all) {
    if (candidate == nullptr || candidate->get_data_type() != dnnl::memory::data_type::f32)
      continue;
    int matches = 0;
    for (const dnnl::memory::desc* other : all) matches += other != nullptr && *other == *candidate;
    if (matches > best_matches) {
      best = candidate;
      best_matches = matches;
    }
  }
  return *best;
}

std::optional<dnnl::memory::desc> stored_desc(const NetState& state, std::size_t index,
                                              const ParameterView& view) {
  const OnednnLayout* layout = onednn_layout(*state.parameters()[index].layout, view);
  if (layout == nullptr) return std::nullopt;
  return layout->desc();
}

}  // namespace sluice::onednn
