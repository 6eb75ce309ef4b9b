// In which order an epoch visits the samples of a data set. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

namespace sluice::io {

// A permutation of 0 ... count - 1, a function of its arguments alone: Fisher and Yates from the
// last place down, one Philox draw a place, stream "order". Frozen by
// tests/io/sample_order_test.cpp.
std::vector<std::uint32_t> sample_order(std::uint32_t count, std::uint64_t seed,
                                        std::uint32_t epoch);

// 0 ... count - 1, for evaluation.
std::vector<std::uint32_t> in_order(std::uint32_t count);

}  // namespace sluice::io
