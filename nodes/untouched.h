// Passes an image on as it is, for stages that hold a node and do not always use it.
#pragma once

#include "runtime/image.h"

namespace sluice::nodes {

// `to` is made of the same part of `from`: copied, or bytes as floats of the same values. `from`
// holds at least that part. Does not allocate.
void pass_untouched(const ConstImagePart& from, const ImagePart& to);

}  // namespace sluice::nodes
