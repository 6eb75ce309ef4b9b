// Private to profile(): the net that a profile trains, with its programs.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "io/recipe.h"
#include "nodes/run/full_view.h"
#include "nodes/run/machine.h"
#include "nodes/run/net_memory.h"
#include "runtime/backend/backend.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// Of it only the net is there where the pipeline ends before `forward`.
struct Trainee {
  Net net;
  bool measures = false;  // second derivatives, before each pass
  LayerTimes layer_times = LayerTimes::off;
  const FullView* full = nullptr;  // none: crops
  std::optional<NetState> state{};
  std::unique_ptr<Backend> stand_in{};
  std::unique_ptr<Program> program{};
  std::unique_ptr<Program> curvature{};
  std::size_t bytes = 0;
};

// A backend that only waits, and weights that nobody has to draw.
void take_stand_in(Trainee& trainee, double step_ms);

int curvature_images(const io::Recipe& recipe);

// State, starting weights, programs. Throws Error{usage} where parameters alone do not fit.
void build_trainee(Trainee& trainee, const io::Recipe& recipe, Machine& machine);

// Of states and programs in all; the result refers to the arguments.
NetMemory trainee_memory(Trainee& trainee, const io::Recipe& recipe, Machine& machine);

}  // namespace sluice::nodes
