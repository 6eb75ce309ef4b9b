// Nets and their plans for tests of a device.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/backend/cudnn/plan.h"

namespace sluice::cudnn::test {

struct NamedNet {
  std::string name;  // "alexnet paper"
  Net net;
  int batch = 1;
};

// Every variant as published, with its published batch.
std::vector<NamedNet> published_nets();
// Every variant with few channels, so that the host's loops are done with them soon.
std::vector<NamedNet> narrow_nets();

// A program's plan and what it refers to.
struct PlannedNet {
  Net net;
  std::vector<LayerShapes> shapes;
  ParameterArrangement parameters;
  Plan plan;

  // take_rows, forward and, of a training program, backward and update.
  std::vector<Operation> whole_step() const;
};
// Of the options' batch the net's own is taken.
PlannedNet planned(const NamedNet& named, const ProgramOptions& options);
PlannedNet planned(const NamedNet& named, Precision precision);  // to train

}  // namespace sluice::cudnn::test
