// Private to checkpoints: a run's state as JSON text and back.
#pragma once

#include <string>
#include <string_view>

#include "io/training_state.h"

namespace sluice::io {

// Numbers read back exactly.
std::string training_state_text(const TrainingState& state);

// Throws Error{usage} that names `file` and what is missing or cannot be.
TrainingState training_state_from(std::string_view text, const std::string& file);

}  // namespace sluice::io
