#include "runtime/backend/backend.h"

#include "runtime/error.h"

namespace sluice {

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::forward:
      return "forward";
    case Phase::backward:
      return "backward";
    case Phase::update:
      return "update";
    case Phase::curvature:
      return "curvature";
  }
  return "?";
}

std::string_view precision_name(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "f32";
}

Tensor Program::row_gradients() const {
  fail(ErrorKind::usage,
       "this program has no gradients of its rows; compile one for row_gradients");
}

}  // namespace sluice
