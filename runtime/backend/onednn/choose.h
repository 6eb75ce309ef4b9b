// Primitive descriptions for weights that may already have a layout.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/backend/onednn/handles.h"

namespace sluice::onednn {

// `make(weights)` gives a primitive description, `weights_of(description)` the descriptor it took.
// The one for oneDNN's own choice, unless the same implementation also takes `stored`. Weights of
// another element than the stored ones are a copy anyway: their layout is oneDNN's choice.
template <class Make, class WeightsOf>
auto choose(const Make& make, const WeightsOf& weights_of, const dnnl::memory::desc& any,
            const std::optional<dnnl::memory::desc>& stored) {
  auto free_choice = make(any);
  const bool usable = stored && stored->get_data_type() == any.get_data_type();
  if (!usable || weights_of(free_choice) == *stored) return free_choice;
  try {
    auto with_stored = make(*stored);
    const std::string_view name = with_stored.impl_info_str();
    if (name == free_choice.impl_info_str()) return with_stored;
  } catch (const dnnl::error&) {
    // No implementation takes it: the caller reorders.
  }
  return free_choice;
}

}  // namespace sluice::onednn
