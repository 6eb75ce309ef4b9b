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

std::span<float> floats_of(const Block& block, const OnednnLayout& layout) {
  return {reinterpret_cast<float*>(block.data()), layout.floats()};
}

void provide(Block& block, const OnednnLayout& layout) {
  if (block.data() == nullptr) block = Block::allocate(layout.floats() * sizeof(float));
}

}  // namespace

ValuesUse::ValuesUse(NetState& state, std::size_t index, std::shared_ptr<const OnednnLayout> wanted)
    : state_(&state), index_(index), wanted_(std::move(wanted)) {
  if (!direct()) provide(copy_, *wanted_);
}

bool ValuesUse::direct() const { return same_layout(state_->parameters()[index_], *wanted_); }

const float* ValuesUse::values() {
  const Parameter& parameter = state_->parameters()[index_];
  if (direct()) return parameter.values.values().data();
  provide(copy_, *wanted_);
  const std::span<float> copy = floats_of(copy_, *wanted_);
  if (copied_version_ != state_->version) {
    rearrange(*parameter.layout, parameter.values.values(), *wanted_, copy);
    copied_version_ = state_->version;
  }
  return copy.data();
}

GradientUse::GradientUse(NetState& state, std::size_t index,
                         std::shared_ptr<const OnednnLayout> wanted)
    : state_(&state), index_(index), wanted_(std::move(wanted)) {
  if (!direct()) provide(copy_, *wanted_);
}

bool GradientUse::direct() const { return same_layout(state_->parameters()[index_], *wanted_); }

float* GradientUse::target() {
  if (direct()) return state_->parameters()[index_].gradient.values().data();
  provide(copy_, *wanted_);
  return floats_of(copy_, *wanted_).data();
}

void GradientUse::finish() {
  if (direct()) return;
  Parameter& parameter = state_->parameters()[index_];
  rearrange(*wanted_, floats_of(copy_, *wanted_), *parameter.layout, parameter.gradient.values());
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
