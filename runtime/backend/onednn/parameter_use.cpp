#include "runtime/backend/onednn/parameter_use.h"

#include <array>
#include <utility>

namespace sluice::onednn {
namespace {

bool same_layout(const Parameter& parameter, const OnednnLayout& wanted) {
  const bool canonical = dynamic_cast<const CanonicalLayout*>(parameter.layout.get()) != nullptr;
  if (canonical) return wanted.canonical();
  const OnednnLayout* stored = onednn_layout(*parameter.layout, wanted.view());
  return stored != nullptr && stored->desc() == wanted.desc();
}

}  // namespace

ParameterUse::ParameterUse(NetState& state, std::size_t index,
                           std::shared_ptr<const OnednnLayout> wanted)
    : state_(&state), index_(index), wanted_(std::move(wanted)) {
  if (!direct()) (void)copy();
}

bool ParameterUse::direct() const { return same_layout(parameter(), *wanted_); }

std::span<float> ParameterUse::copy() {
  if (copy_.data() == nullptr) copy_ = Block::allocate(wanted_->floats() * sizeof(float));
  return {reinterpret_cast<float*>(copy_.data()), wanted_->floats()};
}

const float* ValuesUse::values() {
  if (direct()) return parameter().values.values().data();
  const std::span<float> values = copy();
  if (copied_version_ != state().version) {
    rearrange(*parameter().layout, parameter().values.values(), wanted(), values);
    copied_version_ = state().version;
  }
  return values.data();
}

float* GradientUse::target() {
  return direct() ? parameter().gradient.values().data() : copy().data();
}

void GradientUse::finish() {
  if (direct()) return;
  rearrange(wanted(), copy(), *parameter().layout, parameter().gradient.values());
}

const dnnl::memory::desc& fewest_reorders(const WantedDescs& wanted) {
  const dnnl::memory::desc* best = &wanted.forward;
  int best_matches = -1;
  const std::array<const dnnl::memory::desc*, 3> all = {
      &wanted.forward, wanted.gradient ? &*wanted.gradient : nullptr,
      wanted.backward_data ? &*wanted.backward_data : nullptr};
  for (const dnnl::memory::desc* candidate : all) {
    if (candidate == nullptr) continue;
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
