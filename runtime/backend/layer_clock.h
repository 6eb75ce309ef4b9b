// What each layer costs by the wall clock, added up where somebody asked for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "runtime/account.h"
#include "runtime/backend/backend.h"
#include "runtime/net/net.h"

namespace sluice {

// One thread at a time. One that nobody asked for reads no clock.
class LayerClock {
 public:
  LayerClock() = default;
  LayerClock(const Net& net, LayerTimes times) {
    if (times == LayerTimes::off) return;
    for (const Layer& layer : net.layers)
      rows_.push_back({.name = layer.name, .kind = layer_kind(layer.spec)});
  }

  // `phase`: &LayerRecord::forward_seconds and so on.
  template <class Work>
  void time(std::size_t layer, double LayerRecord::*phase, const Work& work) {
    if (rows_.empty()) return work();
    const auto start = std::chrono::steady_clock::now();
    work();
    rows_[layer].*phase +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  void add_step() {
    for (LayerRecord& row : rows_) ++row.steps;
  }
  const std::vector<LayerRecord>& rows() const { return rows_; }

 private:
  std::vector<LayerRecord> rows_;
};

}  // namespace sluice
