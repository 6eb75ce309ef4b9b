#include "graph/wiring.h"

#include <set>

#include "runtime/random.h"

namespace sluice::graph {
namespace {

Counts image_counts(std::string name) {
  return std::make_unique<NodeCounts>(std::move(name), "cpu", "image");
}

Counts batch_counts(std::string name, std::string place) {
  return std::make_unique<NodeCounts>(std::move(name), std::move(place), "batch");
}

// A random stream is named after its node, so two nodes of one name would draw the same numbers.
void check_names(const Wiring& wiring) {
  for (const BranchWiring& branch : wiring.branches) {
    std::set<std::string> seen;
    const auto check = [&](const std::vector<AugmentNodeWiring>& chain) {
      for (const AugmentNodeWiring& node : chain) {
        require(seen.insert(node.stage->name()).second,
                "node '{}' stands twice in one chain: name the second use differently",
                node.stage->name());
      }
    };
    check(wiring.augment);
    check(branch.augment);
  }
}

void check_tokens(const BranchWiring& branch) {
  bool taken = false;
  std::string_view taker;
  for (const auto& node : branch.batch_nodes) {
    const StepToken token = node->token();
    const bool takes = token == StepToken::takes || token == StepToken::takes_and_gives;
    const bool gives = token == StepToken::gives || token == StepToken::takes_and_gives;
    require(!takes || !taken,
            "'{}' takes the step token that '{}' still has: a node between them must give it",
            node->info().name, taker);
    if (takes) {
      taken = true;
      taker = node->info().name;
    }
    require(!gives || taken, "'{}' gives the step token back, but no node before it takes it",
            node->info().name);
    if (gives) taken = false;
  }
  require(!taken, "'{}' takes the step token and no node behind it gives it back", taker);
}

std::vector<AugmentNodeWiring> wire_chain(Chain chain, const std::string& prefix) {
  std::vector<AugmentNodeWiring> nodes;
  for (auto& stage : chain) {
    const std::string name = stage->name();
    nodes.push_back({.stage = std::move(stage),
                     .stream = stream_id("augment/" + name),
                     .counts = image_counts(prefix + name)});
  }
  return nodes;
}

BranchWiring wire_branch(BatchStream stream, const std::string& prefix) {
  BranchWiring branch;
  branch.augment = wire_chain(std::move(stream.augment), prefix);
  branch.collect = std::move(stream.collect);
  branch.batch_nodes = std::move(stream.batch_nodes);
  branch.collate_counts = image_counts(prefix + std::string(branch.collect->info().name));
  branch.order_counts = batch_counts(prefix + "order", "cpu");
  for (const auto& node : branch.batch_nodes) {
    branch.batch_counts.push_back(
        batch_counts(prefix + std::string(node->info().name), node->place()));
  }
  check_tokens(branch);
  return branch;
}

}  // namespace

Wiring wire(std::vector<BatchStream> streams) {
  require(!streams.empty(), "a pipeline needs at least one branch");
  const std::shared_ptr<Trunk> trunk = streams.front().trunk;
  Wiring wiring;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    require(streams[i].trunk == trunk && trunk != nullptr && trunk->decode != nullptr,
            "branch {} comes from another source: branches of one pipeline come from one split",
            i + 1);
    const std::string prefix = streams.size() > 1 ? fmt::format("branch{}/", i + 1) : "";
    wiring.branches.push_back(wire_branch(std::move(streams[i]), prefix));
  }
  wiring.read = std::move(trunk->read);
  wiring.decode = std::move(trunk->decode);
  wiring.augment = wire_chain(std::move(trunk->augment), "");
  check_names(wiring);
  wiring.source_counts = image_counts("sampler");
  wiring.read_counts = image_counts(std::string(wiring.read->info().name));
  wiring.plan_counts = image_counts("plan");
  wiring.decode_counts = image_counts(std::string(wiring.decode->info().name));
  return wiring;
}

std::vector<NodeRecord> Wiring::records() const {
  std::vector<NodeRecord> rows;
  const auto add = [&](const Counts& counts) { rows.push_back(counts->record()); };
  const auto add_chain = [&](const std::vector<AugmentNodeWiring>& chain) {
    for (const AugmentNodeWiring& node : chain) add(node.counts);
  };
  add(source_counts);
  add(read_counts);
  add(plan_counts);
  add(decode_counts);
  add_chain(augment);
  for (const BranchWiring& branch : branches) {
    add_chain(branch.augment);
    add(branch.collate_counts);
    add(branch.order_counts);
    for (const Counts& counts : branch.batch_counts) add(counts);
  }
  return rows;
}

}  // namespace sluice::graph
