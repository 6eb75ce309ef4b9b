// f32 to bf16: the weights that a bf16 step computes with.
#pragma once

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

struct RoundedValue {
  const float* from;
  Bf16* to;

  SLUICE_HD void operator()(std::int64_t i) const { to[i] = rounded_to<Bf16>(from[i]); }
};

template <class Executor>
void run(const RoundValues& what, const Memory& memory, Executor& executor) {
  executor.for_each(what.values, RoundedValue{read_from<float>(memory, what.from),
                                              write_to<Bf16>(memory, what.to)});
}

}  // namespace sluice::cudnn::elements
