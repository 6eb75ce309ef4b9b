// What a measured choice is filed under.
#pragma once

#include <string>

#include "runtime/backend/cudnn/cuda/convolution.h"
#include "runtime/backend/cudnn/cuda/product.h"

namespace sluice::cudnn::cuda {

// "convolution and relu forward, 128 x 27 x 27 x 96 to 27 x 27 x 256, kernel 5, stride 1, padding 2
// 2, groups 2, bf16": all that a choice depends on besides device and libraries.
std::string operation_key(const Convolution& what, F32Math math);
std::string operation_key(const Product& what, F32Math math);

}  // namespace sluice::cudnn::cuda
