// Marks what a GPU's kernels and the host's loops both compute. A macro because the words exist
// for a device's compiler only.
#pragma once

#if defined(__CUDACC__)
#define SLUICE_HD __host__ __device__
#else
#define SLUICE_HD
#endif
