// What one image costs: the account, divided by the images that went through.
#pragma once

#include <string>
#include <vector>

#include "runtime/account.h"

namespace sluice::graph {

// Seconds an image, of batch nodes too: a batch's, divided by its images.
struct NodeCost {
  std::string name;
  Lane lane = Lane::threads;
  bool elsewhere = false;  // not on the cores: a device, or a stand-in for one
  double busy = 0.0;
  double cpu = 0.0;
  // Image nodes: a thread stands in the node without computing, and not for want of a core.
  double waits = 0.0;
  // Image nodes: the mean without few slow images, which the median and the ninth decile do not
  // see.
  double typical = 0.0;
};

struct ImageCosts {
  double images = 0.0;
  std::vector<NodeCost> nodes;
  double scheduler = 0.0;  // CPU
  // A thread could have computed, and somebody else had the core.
  double delayed = 0.0;
  double user = 0.0;    // CPU outside the kernel, of the whole process
  double system = 0.0;  // and inside
  double faults = 0.0;  // pages that the kernel had to give the process, a number
  // CPU of image nodes that only fills caches again which were lost while a thread slept: an
  // estimate.
  double cold = 0.0;

  double cpu() const;    // all that the cores do for an image
  double waits() const;  // all that threads wait for an image
  double busy_of(Lane lane) const;
  const NodeCost* node(const std::string& name) const;
};

// Of one pipeline's account; no images: all costs are 0.
ImageCosts costs_of(const AccountRecord& account);

// Images that came to the end of the image nodes.
double images_of(const AccountRecord& account);

}  // namespace sluice::graph
