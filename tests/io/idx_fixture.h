// Small idx files for tests: made from sizes and values, plain or gzipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/io/temp_folder.h"

namespace sluice::io::test {

// The bytes of an idx file; `values` are written as they are, however many the sizes promise.
std::string idx_file(const std::vector<std::uint32_t>& sizes, std::string_view values);
std::string gzipped(std::string_view bytes);

// `images` of 3 x 2 (pixel p of image k is 10 k + p) with labels 0, 1, 2, 0, ... in the four files
// of MNIST, their names with `before_idx` and `ending`; half as many for the second part.
struct SmallDigits {
  int images = 6;
  char before_idx = '-';
  bool gzip = false;
};
void add_digits(const TempFolder& folder, const SmallDigits& digits);

}  // namespace sluice::io::test
