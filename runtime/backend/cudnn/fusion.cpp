#include "runtime/backend/cudnn/fusion.h"

#include <algorithm>

namespace sluice::cudnn {
namespace {

template <class... Specs>
bool is_one_of(const LayerSpec& spec) {
  return (std::holds_alternative<Specs>(spec) || ...);
}

bool is_identity(const Layer& layer, const ProgramOptions& options) {
  const auto* dropout = std::get_if<Dropout>(&layer.spec);
  return dropout != nullptr && options.purpose == Purpose::evaluation &&
         dropout->scaling == Dropout::Scaling::inverted;
}

// What stands in an array that a layer would like to overwrite.
struct Content {
  bool kept = false;    // somebody looks at it after the step
  bool zeros = false;   // a ReLU's backward needs to know where its zeros are
  bool values = false;  // a tanh's backward needs its values
};

// Of an array that `layer` has written last; `before`: what stood there already.
Content content_after(const Layer& layer, const ProgramOptions& options, const Content& before) {
  Content content = before;
  content.kept = content.kept || is_kept(options, layer);
  if (options.purpose == Purpose::evaluation) return content;
  content.zeros = content.zeros || is_one_of<Relu>(layer.spec);
  content.values = content.values || is_one_of<Tanh>(layer.spec);
  return content;
}

// A dropped unit is 0 like a ReLU's, and its gradient too.
bool may_overwrite(const Layer& layer, const Content& content) {
  if (content.kept || content.values) return false;
  return !content.zeros || is_one_of<Relu, Dropout>(layer.spec);
}

}  // namespace

bool is_kept(const ProgramOptions& options, const Layer& layer) {
  return std::ranges::find(options.keep, layer.name) != options.keep.end();
}

Precision output_element(const Net& net, std::size_t layer, const ProgramOptions& options) {
  return layer + 2 >= net.layers.size() ? Precision::f32 : options.precision;
}

bool learns(const Layer& layer) {
  if (layer.learning.frozen) return false;
  return is_one_of<Conv2d, PartialConv2d, Subsample, FullyConnected>(layer.spec);
}

std::vector<LayerPlan> plan_layers(const Net& net, const ProgramOptions& options) {
  std::vector<LayerPlan> plans(net.layers.size());
  Content content;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const Layer& layer = net.layers[i];
    const bool same_element =
        i > 0 && output_element(net, i, options) == output_element(net, i - 1, options);
    if (i > 0 && is_one_of<Relu>(layer.spec) && same_element &&
        !is_kept(options, net.layers[i - 1]) &&
        is_one_of<Conv2d, FullyConnected>(net.layers[i - 1].spec)) {
      plans[i - 1].relu_inside = FusedRelu::yes;
      plans[i].absent = true;
    } else if (i > 0 && same_element && is_identity(layer, options)) {
      plans[i].absent = true;
    } else {
      plans[i].in_place = same_element && is_one_of<Relu, Tanh, Dropout>(layer.spec) &&
                          may_overwrite(layer, content);
      if (!plans[i].in_place) content = {};
    }
    content = content_after(layer, options, content);
  }
  return plans;
}

}  // namespace sluice::cudnn
