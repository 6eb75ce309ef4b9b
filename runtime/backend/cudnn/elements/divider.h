// Division by a number that the host knows, for kernels that take an index apart: a 64-bit division
// costs a GPU more than most elements do.
#pragma once

#include <cstdint>

#include "runtime/backend/cudnn/elements/host_device.h"

namespace sluice::cudnn::elements {

struct Divided {
  std::int64_t quotient;
  std::int64_t remainder;
};

// Divides numbers that are not negative; exact. Below 2^32 by one multiplication with
// ceil(2^64 / divisor) (Lemire et al., "Faster remainder by direct computation", 2019).
class Divider {
 public:
  Divider() = default;
  // Needs divisor > 0.
  explicit Divider(std::int64_t divisor)
      : divisor_(divisor),
        reciprocal_(divisor == 1 ? 0
                                 : ~std::uint64_t{0} / static_cast<std::uint64_t>(divisor) + 1) {}

  SLUICE_HD std::int64_t quotient(std::int64_t number) const {
    if (reciprocal_ == 0) return number;
    const auto n = static_cast<std::uint64_t>(number);
    if ((n >> 32U) != 0) return number / divisor_;
    const std::uint64_t low = (reciprocal_ & 0xFFFFFFFFU) * n;
    return static_cast<std::int64_t>(((reciprocal_ >> 32U) * n + (low >> 32U)) >> 32U);
  }
  SLUICE_HD Divided divide(std::int64_t number) const {
    const std::int64_t whole = quotient(number);
    return {whole, number - whole * divisor_};
  }

 private:
  std::int64_t divisor_ = 1;
  std::uint64_t reciprocal_ = 0;  // 0: the divisor is 1
};

}  // namespace sluice::cudnn::elements
