// The convolutions and inner products of a net's training step and nothing else: what a step is
// measured against. Made with oneDNN alone, not with the backend's own files.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/backend/onednn/onednn.h"
#include "runtime/memory.h"
#include "runtime/net/net.h"

namespace sluice::bench {

// One pass of a layer as oneDNN describes it.
struct BarePass {
  std::string use;  // as in onednn::Implementation
  dnnl::primitive_desc description;
  dnnl::primitive run;
};

// What the passes are made for.
struct BareStep {
  int batch = 1;
  Precision precision = Precision::f32;
};

// Forward, backward data, backward weights of a layer with weights, none of others: activations as
// (rows, height, width, channels), weights in whatever layout each pass asks for, biases, a ReLU
// behind the layer inside forward. In bf16 biases, gradients of parameters and scores are f32. Call
// inside the arena that runs them.
std::vector<BarePass> bare_passes(const dnnl::engine& engine, const Net& net, std::size_t layer,
                                  const BareStep& step);

// A net's passes with arrays of their own, filled once; nothing moves between layers. Make and run
// it inside one arena.
class BarePrimitives {
 public:
  BarePrimitives(const Net& net, const BareStep& step);

  // Forward in the net's order, then backward in the opposite one, weights before data.
  void step();
  // Of the last step, by layer; update is 0.
  const std::vector<onednn::LayerSeconds>& seconds() const { return seconds_; }
  // In the order of onednn::implementations.
  const std::vector<onednn::Implementation>& implementations() const { return implementations_; }

 private:
  struct Call {
    dnnl::primitive run;
    std::unordered_map<int, dnnl::memory> arrays;
  };
  // Arrays of one layer by argument; the weights of two passes may have two layouts.
  using LayerArrays = std::unordered_multimap<int, dnnl::memory>;

  Call make_call(const BarePass& pass, LayerArrays& shared);
  dnnl::memory array(const dnnl::memory::desc& desc);
  double timed(Call& call);

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Block> blocks_;
  std::size_t scratch_bytes_ = 0;
  std::vector<std::vector<Call>> layers_;  // forward, (backward data), backward weights
  std::vector<onednn::LayerSeconds> seconds_;
  std::vector<onednn::Implementation> implementations_;
};

}  // namespace sluice::bench
