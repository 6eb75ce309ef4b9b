#include "runtime/backend/onednn/partial_conv2d.h"

#include "runtime/backend/onednn/conv2d.h"

namespace sluice::onednn {
namespace {

// Of the table's connections among all (out, in) pairs.
std::vector<std::int64_t> block_places(const PartialConv2d& spec, std::int64_t inputs) {
  std::vector<std::int64_t> places;
  for (std::size_t out = 0; out < spec.sees.size(); ++out) {
    for (const int in : spec.sees[out]) {
      places.push_back(static_cast<std::int64_t>(out) * inputs + in);
    }
  }
  return places;
}

}  // namespace

WeightedLayer partial_conv2d_layer(const PartialConv2d& spec, const CompileContext& context) {
  const Conv2d all{.out_channels = static_cast<int>(spec.sees.size()), .kernel = spec.kernel};
  return conv2d_layer(all, block_places(spec, context.in[0]), context);
}

}  // namespace sluice::onednn
