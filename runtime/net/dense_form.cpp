#include "runtime/net/dense_form.h"

#include <algorithm>

#include "runtime/error.h"

namespace sluice {
namespace {

// The first layer that takes a plane for features.
std::size_t first_connected(const Net& net) {
  const auto found = std::ranges::find_if(net.layers, [](const Layer& layer) {
    return std::holds_alternative<FullyConnected>(layer.spec);
  });
  require(found != net.layers.end(),
          "net {}: has no fully connected layer, so it has no dense form; valid: views of its own "
          "size",
          net.name);
  return static_cast<std::size_t>(found - net.layers.begin());
}

}  // namespace

Net dense_form(const Net& net, Extent extent) {
  require(extent.width >= net.side && extent.height >= net.side,
          "net {}: an image of {} x {} is smaller than its {} x {}", net.name, extent.width,
          extent.height, net.side, net.side);
  const std::size_t first = first_connected(net);
  const Shape plane = infer_shapes(net)[first].in;
  require(plane.rank() == 3 && plane[1] == plane[2] && plane[1] > 1,
          "net {}: its fully connected layers see {}, not a square of a plane, so it has no dense "
          "form; valid: views of its own size",
          net.name, plane.text());
  Net dense = net;
  dense.whole = extent;
  dense.layers.insert(dense.layers.begin() + static_cast<std::ptrdiff_t>(first),
                      {.name = "windows", .spec = Windows{static_cast<int>(plane[1])}});
  dense.layers.insert(dense.layers.end() - 1, {.name = "window-mean", .spec = WindowMean{}});
  return dense;
}

}  // namespace sluice
