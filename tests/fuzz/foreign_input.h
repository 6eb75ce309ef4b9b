// What the targets that read other programs' weights share.
#pragma once

#include "io/foreign_weights.h"

namespace sluice::fuzz {

// Every tensor that a reader accepted can be asked for: it is read whole, or refused in one line.
// `most_values`: that a tensor may have at most, by the size of its file.
void check_tensors(const io::ForeignWeights& weights, std::size_t most_values);

}  // namespace sluice::fuzz
