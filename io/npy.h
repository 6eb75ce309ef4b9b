// One array in NumPy's file format (numpy.org/doc/stable/reference/generated/numpy.lib.format.html,
// version 1.0), for readers without safetensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "runtime/tensor.h"

namespace sluice::io {

// Little endian, outermost axis first ("C order"); whole or not at all (atomic_file.h). `values`
// has the shape's number of elements. A disk that fails is Error{run}.
void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const float> values);
void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const std::int32_t> values);

}  // namespace sluice::io
