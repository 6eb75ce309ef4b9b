// The oneDNN backend: f32 or bf16 on the CPU, on the oneTBB arena that calls it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

// Its programs work in the calling thread and its arena, isolated from outer tasks, and have told
// `done` before `run` returns. Compile inside the arena that will run: the number of threads is
// part of the program, and the same number gives the same bits. The first training program of a
// state sets its layouts; every program follows a change of layouts.
std::unique_ptr<Backend> make_onednn_backend();

namespace onednn {

// Wall seconds of a layer in the last run of each phase. A ReLU or LRN that ran inside its
// neighbour has 0.
struct LayerSeconds {
  std::string name;
  double forward = 0.0;
  double backward = 0.0;
  double update = 0.0;
};

// Which of oneDNN's implementations a layer got, per primitive.
struct Implementation {
  std::string layer;
  std::string use;   // "forward", "backward data", "backward weights"
  std::string name;  // oneDNN's own word: "brgconv:avx512_core"
};

// Both throw Error{usage} for a program of another backend.
std::span<const LayerSeconds> layer_seconds(const Program& program);
std::vector<Implementation> implementations(const Program& program);

}  // namespace onednn
}  // namespace sluice
