// Numbers too small for full precision count as zero while a phase runs: they cost a hundred cycles
// each on some processors, and a net that is sure of its answers makes many.
#pragma once

#include <functional>

namespace sluice::onednn {

// Runs `work` with flush-to-zero and denormals-are-zero, in this thread and in every thread that
// helps with the loops inside it (all or none, so that results do not depend on who helped), and
// puts the caller's setting back. Rethrows what `work` throws.
void with_flushed_denormals(const std::function<void()>& work);

}  // namespace sluice::onednn
