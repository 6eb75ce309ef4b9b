// What the processor at hand can do, as the backends see it.
#pragma once

namespace sluice {

// Whether bf16 is computed by instructions of its own: AVX512_BF16 or AMX. Without, a bf16 program
// gives the same results several times slower than f32, or does not compile (no AVX-512 at all).
// False in a build without oneDNN. `ONEDNN_MAX_CPU_ISA=AVX512_CORE` in the environment of a process
// makes it false, and oneDNN work as on such a processor. Any thread.
bool has_native_bf16();

}  // namespace sluice
