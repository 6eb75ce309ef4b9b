// State dicts as torch.save writes them since PyTorch 1.6: a zip archive of a pickle, which is read
// without executing anything (pickle.h), and the tensors' bytes.
#pragma once

#include <filesystem>

#include "io/foreign_weights.h"

namespace sluice::io {

// Tensors of f32, f16, bf16 and f64; a state dict itself, or one under "state_dict" or "model" of a
// dictionary. "module." before all names (DataParallel's) is taken off. Throws Error{usage} that
// names file and entry: another format (older files: how to save them anew), a name or opcode that
// no state dict needs, tensors that lie outside of their storage.
ForeignWeights open_pytorch_weights(const std::filesystem::path& path);

}  // namespace sluice::io
