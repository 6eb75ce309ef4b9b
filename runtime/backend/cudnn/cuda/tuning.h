// Trials on the device: which of a library's ways is fastest here.
#pragma once

#include "runtime/backend/cudnn/cuda/candidates.h"

namespace sluice::cudnn::cuda {

// The fastest in a few runs on `stream`, each waited for; those that fail are passed over.
// `workspace` has room for each of them. Throws Error{run} if all fail.
std::size_t fastest(const Candidates& candidates, cudaStream_t stream, std::byte* workspace);

// The most that any of them wants.
std::size_t most_workspace(const Candidates& candidates);

}  // namespace sluice::cudnn::cuda
