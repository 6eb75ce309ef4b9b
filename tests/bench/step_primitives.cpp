#include "tests/bench/step_primitives.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

namespace sluice::bench {
namespace {

using dnnl::memory;

constexpr std::array kArguments = {DNNL_ARG_SRC,          DNNL_ARG_WEIGHTS,   DNNL_ARG_BIAS,
                                   DNNL_ARG_DST,          DNNL_ARG_DIFF_SRC,  DNNL_ARG_DIFF_DST,
                                   DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_SCRATCHPAD};

}  // namespace

BarePrimitives::BarePrimitives(const Net& net, const BareStep& step) {
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    std::vector<BarePass> passes = bare_passes(engine_, net, i, step);
    if (passes.empty()) continue;
    if (layers_.empty()) passes.erase(passes.begin() + 1);  // nobody wants the rows' gradient
    LayerArrays shared;
    layers_.emplace_back();
    for (const BarePass& pass : passes) {
      layers_.back().push_back(make_call(pass, shared));
      implementations_.push_back({net.layers[i].name, pass.use, pass.description.impl_info_str()});
    }
    seconds_.push_back({.name = net.layers[i].name});
  }
  Block& scratch = blocks_.emplace_back(Block::allocate(scratch_bytes_));
  for (auto& layer : layers_) {
    for (Call& call : layer) call.arrays.at(DNNL_ARG_SCRATCHPAD).set_data_handle(scratch.data());
  }
}

BarePrimitives::Call BarePrimitives::make_call(const BarePass& pass, LayerArrays& shared) {
  Call call{pass.run, {}};
  for (const int argument : kArguments) {
    const memory::desc desc = pass.description.query_md(dnnl::query::exec_arg_md, argument);
    if (argument == DNNL_ARG_SCRATCHPAD) {
      scratch_bytes_ = std::max(scratch_bytes_, desc.get_size());
      call.arrays.emplace(argument, memory(desc, engine_, nullptr));
      continue;
    }
    if (desc.is_zero()) continue;
    const auto [first, end] = shared.equal_range(argument);
    auto found = std::find_if(first, end, [&](auto& s) { return s.second.get_desc() == desc; });
    if (found == end) found = shared.emplace(argument, array(desc));
    call.arrays.emplace(argument, found->second);
  }
  return call;
}

// Small positive values: no zeros that a processor could take easily, no denormals.
memory BarePrimitives::array(const memory::desc& desc) {
  const std::size_t words = desc.get_size() / sizeof(float);
  // Every array begins 64 bytes further into its page than the one before, as the backend's do.
  const std::size_t shift = blocks_.size() % 64 * 64;
  Block& block = blocks_.emplace_back(Block::allocate(desc.get_size() + shift));
  auto* values = reinterpret_cast<std::uint32_t*>(block.data() + shift);
  for (std::size_t i = 0; i < words; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(0.01F + static_cast<float>(i % 97) * 1e-4F);
    // The upper half of a float is a bf16.
    const bool halves = desc.get_data_type() == memory::data_type::bf16;
    values[i] = halves ? (bits & 0xFFFF0000U) | bits >> 16U : bits;
  }
  return {desc, engine_, values};
}

double BarePrimitives::timed(Call& call) {
  const auto start = std::chrono::steady_clock::now();
  call.run.execute(stream_, call.arrays);
  stream_.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void BarePrimitives::step() {
  for (std::size_t i = 0; i < layers_.size(); ++i) seconds_[i].forward = timed(layers_[i].front());
  for (std::size_t i = layers_.size(); i-- > 0;) {
    seconds_[i].backward = 0.0;
    for (std::size_t pass = layers_[i].size(); pass-- > 1;) {
      seconds_[i].backward += timed(layers_[i][pass]);
    }
  }
}

}  // namespace sluice::bench
