#include "tests/device/net_plans.h"

#include <fmt/core.h>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"

namespace sluice::cudnn::test {
namespace {

// Published: LeNet-5 in parts of one row; AlexNet 128, owt, caffe and its relatives 256; VGG 256.
int alexnet_batch(const std::string& variant) {
  return variant == "paper" || variant == "run145" ? 128 : 256;
}

std::vector<NamedNet> nets_of_width(double width, bool narrow) {
  std::vector<NamedNet> nets;
  for (const std::string& variant : nodes::lenet_variants()) {
    nets.push_back({"lenet5 " + variant, nodes::lenet({.variant = variant}), narrow ? 5 : 64});
  }
  for (const std::string& variant : nodes::alexnet_variants()) {
    nets.push_back({"alexnet " + variant, nodes::alexnet({.variant = variant, .width = width}),
                    narrow ? 3 : alexnet_batch(variant)});
  }
  for (const std::string& variant : nodes::vgg_variants()) {
    nets.push_back(
        {"vgg " + variant, nodes::vgg({.variant = variant, .width = width}), narrow ? 2 : 256});
  }
  return nets;
}

}  // namespace

std::vector<NamedNet> published_nets() { return nets_of_width(1.0, false); }
std::vector<NamedNet> narrow_nets() { return nets_of_width(0.06, true); }

std::vector<Operation> PlannedNet::whole_step() const {
  std::vector<Operation> step;
  for (const auto* list : {&plan.take_rows, &plan.forward, &plan.backward, &plan.update}) {
    step.insert(step.end(), list->begin(), list->end());
  }
  return step;
}

PlannedNet planned(const NamedNet& named, const ProgramOptions& options) {
  PlannedNet planned{named.net, infer_shapes(named.net), ParameterArrangement(named.net), {}};
  ProgramOptions of_its_batch = options;
  of_its_batch.batch = named.batch;
  planned.plan = plan_program({.net = planned.net,
                               .shapes = planned.shapes,
                               .options = of_its_batch,
                               .parameters = planned.parameters});
  return planned;
}

PlannedNet planned(const NamedNet& named, Precision precision) {
  return planned(named, {.purpose = Purpose::training, .precision = precision});
}

}  // namespace sluice::cudnn::test
