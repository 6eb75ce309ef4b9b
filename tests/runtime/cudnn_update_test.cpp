// The update of all parameters in one operation against the oneDNN backend's kernels, bit for bit.
#include <algorithm>
#include <bit>

#include "runtime/backend/onednn/update_kernel.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

using namespace onednn::kernels;
using Form = Update::Form;

// What an update reads and writes.
struct State {
  Floats gradients, velocities, values;

  explicit State(std::int64_t count)
      : gradients(numbers(count, 1)), velocities(numbers(count, 2)), values(numbers(count, 3)) {
    for (std::size_t i = 0; i < values.size(); i += 7) values[i] = 0.0F;
    for (std::size_t i = 0; i < values.size(); i += 5) velocities[i] = i % 2 == 0 ? -0.0F : 0.0F;
  }
  // Second derivatives are not negative.
  void make_curvatures() {
    for (float& h : velocities) h = std::abs(h);
  }
};

// Of parameter p; the fourth of each five is still.
UpdateSegment segment(std::size_t p, float sparsity) {
  const auto number = static_cast<float>(p + 1);
  return {.momentum = 0.9F,
          .decay = 0.0005F * number,
          .sparsity = sparsity,
          .scale = 1.0F / 3.0F,
          .rate = 0.01F / number,
          .damping = 0.02F,
          .still = p % 5 == 3 ? 1 : 0};
}

void update_one(Form form, const UpdateSegment& f, const UpdateArrays& arrays, std::size_t count) {
  const PaperFactors paper{f.momentum, f.decay, f.sparsity, f.rate};
  switch (form) {
    case Form::paper:
      return update_paper(paper, arrays, count);
    case Form::pytorch:
      return update_pytorch({f.momentum, f.decay, f.sparsity, f.scale, f.rate}, arrays, count);
    case Form::nesterov:
      return update_nesterov(paper, arrays, count);
    case Form::diagonal:
      return update_diagonal({f.rate, f.damping}, arrays, count);
  }
}

std::vector<std::uint32_t> bits(const Floats& values) {
  std::vector<std::uint32_t> to;
  for (const float value : values) to.push_back(std::bit_cast<std::uint32_t>(value));
  return to;
}

// Where `parameters` parameters of different sizes begin, and where the last one ends.
std::vector<std::int64_t> places(std::size_t parameters) {
  std::vector<std::int64_t> first{0};
  for (std::size_t p = 0; p < parameters; ++p) {
    first.push_back(first.back() + static_cast<std::int64_t>(p * 37 % 101 + 1));
  }
  return first;
}

}  // namespace

TEST_CASE("all four updates have the bits of the oneDNN backend's, parameter by parameter",
          "[cudnn][elements]") {
  const Form form = GENERATE(Form::paper, Form::pytorch, Form::nesterov, Form::diagonal);
  const float sparsity = GENERATE(0.0F, 0.001F);
  const std::size_t parameters = GENERATE(1U, 16U, 300U);  // more than one launch knows
  const std::vector<std::int64_t> first = places(parameters);
  State state(first.back());
  if (form == Form::diagonal) state.make_curvatures();
  std::vector<UpdateSegment> segments;
  for (std::size_t p = 0; p < parameters; ++p) segments.push_back(segment(p, sparsity));
  Trial trial;
  const Array values = trial.put(state.values, Precision::f32, Home::parameters);
  const Array velocities = trial.put(state.velocities, Precision::f32, Home::parameters);
  trial.run(Update{.form = form,
                   .first = first,
                   .factors = trial.put_bytes(segments, Home::step),
                   .values = values,
                   .gradients = trial.put(state.gradients, Precision::f32, Home::parameters),
                   .velocities = velocities});
  for (std::size_t p = 0; p < parameters; ++p) {
    if (segments[p].still != 0) continue;
    const auto at = static_cast<std::size_t>(first[p]);
    update_one(form, segments[p], {&state.gradients[at], &state.velocities[at], &state.values[at]},
               static_cast<std::size_t>(first[p + 1]) - at);
  }
  CHECK(bits(trial.values(values)) == bits(state.values));
  CHECK(bits(trial.values(velocities)) == bits(state.velocities));
}

}  // namespace sluice::cudnn::test
