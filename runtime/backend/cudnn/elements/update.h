// The update rules of backend.h on all parameters at once, with the arithmetic (and so the bits) of
// onednn/update_kernel.
#pragma once

#include <algorithm>
#include <array>

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

// Segments that one launch knows; a net with more is updated in several.
inline constexpr int kMostSegments = 128;

SLUICE_HD inline float sign(float value) {
  return static_cast<float>(value > 0.0F) - static_cast<float>(value < 0.0F);
}

struct UpdatedValue {
  Update::Form form;
  int segments;
  std::array<std::int64_t, kMostSegments + 1> first;
  const UpdateSegment* factors;
  const float* gradients;
  float* velocities;
  float* values;

  SLUICE_HD void operator()(std::int64_t i) const {
    const std::int64_t at = first[0] + i;
    const UpdateSegment& f = factors[segment_of(at)];
    if (f.still != 0) return;
    switch (form) {
      case Update::Form::paper:
        return paper(f, at);
      case Update::Form::pytorch:
        return pytorch(f, at);
      case Update::Form::nesterov:
        return nesterov(f, at);
      case Update::Form::diagonal:
        return diagonal(f, at);
    }
  }

 private:
  // The last segment that begins at or before `at`.
  SLUICE_HD int segment_of(std::int64_t at) const {
    int low = 0, high = segments;
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      if (first[static_cast<std::size_t>(middle)] <= at) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
  // Without sparsity its term is left out: its zeros would change the signs of others.
  SLUICE_HD void paper(const UpdateSegment& f, std::int64_t i) const {
    float v = f.momentum * velocities[i] - f.decay * values[i];
    if (f.sparsity != 0.0F) v -= f.sparsity * sign(values[i]);
    v -= f.rate * gradients[i];
    velocities[i] = v;
    values[i] += v;
  }
  SLUICE_HD void pytorch(const UpdateSegment& f, std::int64_t i) const {
    const float w = values[i];
    const float g = f.scale * gradients[i] + f.decay * w + f.sparsity * sign(w);
    const float v = f.momentum * velocities[i] + g;
    velocities[i] = v;
    values[i] = w - f.rate * v;
  }
  SLUICE_HD void nesterov(const UpdateSegment& f, std::int64_t i) const {
    const float v = velocities[i], w = values[i];
    const float u = f.momentum * v - f.decay * w - f.sparsity * sign(w) - f.rate * gradients[i];
    velocities[i] = u;
    values[i] = w - f.momentum * v + (1.0F + f.momentum) * u;
  }
  SLUICE_HD void diagonal(const UpdateSegment& f, std::int64_t i) const {
    values[i] -= f.rate * gradients[i] / (f.damping + velocities[i]);
  }
};

template <class Executor>
void run(const Update& what, const Memory& memory, Executor& executor) {
  const std::size_t all = what.first.empty() ? 0 : what.first.size() - 1;
  for (std::size_t begin = 0; begin < all; begin += kMostSegments) {
    const std::size_t segments = std::min<std::size_t>(kMostSegments, all - begin);
    UpdatedValue element{.form = what.form,
                         .segments = static_cast<int>(segments),
                         .first = {},
                         .factors = read_from<UpdateSegment>(memory, what.factors) + begin,
                         .gradients = read_from<float>(memory, what.gradients),
                         .velocities = write_to<float>(memory, what.velocities),
                         .values = write_to<float>(memory, what.values)};
    std::copy_n(what.first.begin() + static_cast<std::ptrdiff_t>(begin), segments + 1,
                element.first.begin());
    executor.for_each(what.first[begin + segments] - what.first[begin], element);
  }
}

}  // namespace sluice::cudnn::elements
