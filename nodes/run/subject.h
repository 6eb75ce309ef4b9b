// A trained net as evaluation takes it: read from its weights, compiled for this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "io/weights.h"
#include "nodes/run/machine.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// Its parameters are zero until `read_parameters`. Stays where it was made: programs refer to it.
struct Subject {
  std::filesystem::path file;
  io::WeightsInfo info;
  io::Recipe trained;  // of the run that made it: net, chain and all
  Net net;
  NetState state;

  // Whatever net the file holds: it names it. Throws Error{usage} where it does not.
  explicit Subject(const std::filesystem::path& weights);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  // How messages name it.
  std::string name() const { return "the weights " + file.string(); }
  // The chain for testing that was stored with the weights.
  std::vector<io::ChainEntry> chain() const;
};

// Inside the machine's arena.
void read_parameters(Subject& subject, const Machine& machine);

}  // namespace sluice::nodes
