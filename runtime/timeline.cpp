#include "runtime/timeline.h"

#include <utility>

namespace sluice {

void add_moment(Timeline& timeline, Moment moment, std::size_t most) {
  std::vector<Moment>& moments = timeline.moments;
  if (moments.size() >= most) {
    std::size_t kept = 1;
    for (std::size_t i = 2; i < moments.size(); i += 2) moments[kept++] = std::move(moments[i]);
    moments.resize(kept);
    timeline.interval_seconds *= 2;
  }
  moments.push_back(std::move(moment));
}

}  // namespace sluice
