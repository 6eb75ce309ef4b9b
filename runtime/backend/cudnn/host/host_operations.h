// The host's twin of a device: the same operations in this process's memory, in plain loops. It is
// what a program on a device is tested with where there is no device, and says what each
// operation means.
#pragma once

#include <span>

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn {

// Does `operations` in order and returns when all are done. Own operations are the elements that
// the GPU's kernels compute, one after the other; convolutions and products are plain loops whose
// sums are kept in double and rounded once. The same numbers give the same bits.
//
// Every block of `memory` that an operation names must be there, with the plan's sizes. Any thread;
// two calls at once must not share arrays that either writes.
void run_on_host(std::span<const Operation> operations, const Memory& memory);

}  // namespace sluice::cudnn
