#include "runtime/backend/cpu_features.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace sluice {

bool has_native_bf16() {
  // Instruction sets are sets of bits: what is built on another holds its bits.
  const auto bits = [](dnnl::cpu_isa isa) { return static_cast<unsigned>(isa); };
  const unsigned needed = bits(dnnl::cpu_isa::avx512_core_bf16);
  return (bits(dnnl::get_effective_cpu_isa()) & needed) == needed;
}

}  // namespace sluice
