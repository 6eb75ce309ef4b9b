// From what a run tells while it goes on to what its panel shows.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "apps/common/panel.h"
#include "nodes/run/listener.h"
#include "runtime/account.h"

namespace sluice::apps {

// What is known of a run before it begins.
struct RunPlan {
  std::uint32_t epochs = 0;         // 0: not known
  std::optional<double> seconds{};  // its time, where that ends it
};

// Rates and loads are those of the last seconds: three, or as many as it takes the net to make two
// steps. Times are seconds from any moment on. One thread at a time.
class PanelFeed {
 public:
  void expect(const RunPlan& plan) { plan_ = plan; }
  void add(const AccountRecord& now, double seconds);
  void add(const nodes::Progress& now, double seconds);
  Panel panel(double seconds) const;

 private:
  struct Look {
    double seconds = 0.0;
    std::vector<NodeRecord> nodes;
  };
  struct Images {
    double seconds = 0.0;
    std::int64_t images = 0;
  };
  const Look* look_before() const;
  std::vector<PanelNode> nodes() const;
  double images_per_second() const;
  void add_times(Panel& panel, double seconds) const;

  RunPlan plan_;
  nodes::Progress progress_;
  double begun_ = -1.0;  // when the phase was first heard of
  int threads_ = 1;
  std::string limit_;
  std::deque<Look> looks_;
  std::deque<Images> images_;
};

}  // namespace sluice::apps
