#include "graph/wiring.h"

#include <set>

#include "runtime/random.h"

namespace sluice::graph {
namespace {

// Makes the rows of the account.
struct MeterMaker {
  int slots;  // of the arena

  Meter image(std::string name, Lane lane = Lane::threads, Waits waits = Waits::never) const {
    return std::make_unique<NodeMeter>(NodeLabel{std::move(name), "cpu", "image", lane, waits},
                                       slots);
  }
  Meter batch(std::string name, std::string place, Lane lane) const {
    return std::make_unique<NodeMeter>(NodeLabel{std::move(name), std::move(place), "batch", lane},
                                       slots);
  }
};

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
    check(branch.left);
  }
}

PixelType type_behind(const std::vector<AugmentNodeWiring>& chain, PixelType type) {
  for (const AugmentNodeWiring& node : chain) type = node.stage->type_after(type);
  return type;
}

// Rows of bytes hold u8 images, and what is left to do to them must fit into a row's transform.
void check_byte_rows(const Wiring& wiring) {
  for (const BranchWiring& branch : wiring.branches) {
    if (branch.collect->row_type() != PixelType::u8) continue;
    require(
        type_behind(branch.augment, type_behind(wiring.augment, PixelType::u8)) == PixelType::u8,
        "the chain gives floats where '{}' stores bytes", branch.collect->info().name);
    require(branch.collect->views() == 1, "'{}' stores {} rows of bytes an image; valid: 1",
            branch.collect->info().name, branch.collect->views());
    int steps = 0, images = 0;
    for (const AugmentNodeWiring& node : branch.left) {
      require(node.run_behind <= branch.augment.size(),
              "node '{}' is left in front of {} nodes, the branch has {}", node.stage->name(),
              node.run_behind, branch.augment.size());
      if (node.has_image) ++images;
      require(node.stage->can_be_left(), "node '{}' cannot be left to who reads the rows",
              node.stage->name());
      if (node.stage->info().kind == NodeKind::colour) ++steps;
    }
    require(steps <= RowTransform::kSteps,
            "{} colour nodes are left to who reads the rows, of which {} are possible", steps,
            RowTransform::kSteps);
    require(
        images <= 1,
        "{} nodes that subtract an image are left to who reads the rows, of which 1 is possible",
        images);
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

std::vector<AugmentNodeWiring> wire_chain(Chain chain, const std::string& prefix,
                                          const MeterMaker& make) {
  std::vector<AugmentNodeWiring> nodes;
  for (auto& stage : chain) {
    const std::string name = stage->name();
    nodes.push_back({.stage = std::move(stage),
                     .stream = stream_id("augment/" + name),
                     .meter = make.image(prefix + name)});
  }
  return nodes;
}

// The nodes from the one that takes the token to the one that gives it are one lane.
std::vector<Meter> batch_meters(const BranchWiring& branch, const std::string& prefix,
                                const MeterMaker& make) {
  std::vector<Meter> meters;
  bool in_step = false;
  for (const auto& node : branch.batch_nodes) {
    const StepToken token = node->token();
    in_step = in_step || token == StepToken::takes || token == StepToken::takes_and_gives;
    meters.push_back(make.batch(prefix + std::string(node->info().name), node->place(),
                                in_step ? Lane::step : Lane::own));
    if (token == StepToken::gives || token == StepToken::takes_and_gives) in_step = false;
  }
  return meters;
}

std::vector<AugmentNodeWiring> wire_left(Chain chain, const std::vector<std::size_t>& run_behind) {
  std::vector<AugmentNodeWiring> nodes;
  for (auto& stage : chain) {
    const std::uint32_t stream = stream_id("augment/" + stage->name());
    const bool has_image = !stage->row_image().empty();
    nodes.push_back({.stage = std::move(stage),
                     .stream = stream,
                     .meter = nullptr,
                     .run_behind = run_behind.empty() ? 0 : run_behind[nodes.size()],
                     .has_image = has_image});
  }
  return nodes;
}

BranchWiring wire_branch(BatchStream stream, const std::string& prefix, const MeterMaker& make) {
  BranchWiring branch;
  branch.augment = wire_chain(std::move(stream.augment), prefix, make);
  branch.left = wire_left(std::move(stream.left), stream.run_behind);
  branch.collect = std::move(stream.collect);
  branch.batch_nodes = std::move(stream.batch_nodes);
  branch.collate_meter = make.image(prefix + std::string(branch.collect->info().name));
  branch.order_meter = make.batch(prefix + "order", "cpu", Lane::own);
  branch.batch_meters = batch_meters(branch, prefix, make);
  check_tokens(branch);
  return branch;
}

// In front of the names of a branch's rows; nothing where there is one branch.
std::string prefix_of(const std::vector<BatchStream>& streams, std::size_t i) {
  if (streams.size() == 1) return {};
  const std::string& name = streams[i].name;
  return name.empty() ? fmt::format("branch{}/", i + 1) : name + "/";
}

}  // namespace

Wiring wire(std::vector<BatchStream> streams, int slots) {
  const MeterMaker make{slots};
  require(!streams.empty(), "a pipeline needs at least one branch");
  const std::shared_ptr<Trunk> trunk = streams.front().trunk;
  Wiring wiring;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    require(streams[i].trunk == trunk && trunk != nullptr && trunk->decode != nullptr,
            "branch {} comes from another source: branches of one pipeline come from one split",
            i + 1);
    const std::string prefix = prefix_of(streams, i);
    wiring.branches.push_back(wire_branch(std::move(streams[i]), prefix, make));
  }
  wiring.read = std::move(trunk->read);
  wiring.decode = std::move(trunk->decode);
  wiring.augment = wire_chain(std::move(trunk->augment), "", make);
  check_names(wiring);
  check_byte_rows(wiring);
  wiring.source_meter = make.image("sampler", Lane::own);
  wiring.read_meter =
      make.image(std::string(wiring.read->info().name), Lane::threads, Waits::maybe);
  wiring.plan_meter = make.image("plan", Lane::own);
  wiring.decode_meter = make.image(std::string(wiring.decode->info().name));
  return wiring;
}

std::vector<WiredRow> Wiring::rows() const {
  std::vector<WiredRow> rows{{.meter = *source_meter}};
  const auto add = [&](const Meter& meter, const NodeMeter* before) {
    rows.push_back({.meter = *meter, .before = before});
    return meter.get();
  };
  const auto add_chain = [&](const std::vector<AugmentNodeWiring>& chain, const NodeMeter* before) {
    for (const AugmentNodeWiring& node : chain) before = add(node.meter, before);
    return before;
  };
  const NodeMeter* planned = add(plan_meter, add(read_meter, source_meter.get()));
  const NodeMeter* trunk = add_chain(augment, add(decode_meter, planned));
  for (std::size_t b = 0; b < branches.size(); ++b) {
    const BranchWiring& branch = branches[b];
    add(branch.collate_meter, add_chain(branch.augment, trunk));
    add(branch.order_meter, nullptr);
    for (std::size_t n = 0; n < branch.batch_meters.size(); ++n) {
      rows.push_back({.meter = *branch.batch_meters[n],
                      .stage = branch.batch_nodes[n].get(),
                      .branch = static_cast<int>(b),
                      .node = static_cast<int>(n)});
    }
  }
  return rows;
}

std::vector<NodeRecord> Wiring::records() const {
  std::vector<NodeRecord> records;
  for (const WiredRow& row : rows()) {
    records.push_back(row.meter.record());
    const auto on_device = row.stage == nullptr ? std::nullopt : row.stage->device_seconds();
    if (on_device) records.back().busy_seconds = *on_device;
  }
  return records;
}

}  // namespace sluice::graph
