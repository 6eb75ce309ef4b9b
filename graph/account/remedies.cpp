#include "graph/account/remedies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/account/prediction.h"

namespace sluice::graph {
namespace {

constexpr double kLeastGain = 1.03;
constexpr double kLeastWaits = 0.05;  // of an image's thread time: worth a word
constexpr std::size_t kMost = 3;
constexpr double kMegabyte = 1 << 20;
constexpr double kKernel = 0.03;  // of the CPU outside the kernel: what it takes when all goes well
// A page that is mapped, cleared and found in no cache: decode took 2.6 and 3.2 us more for each of
// 118 pages an image (planted/run, tiny memory, and the same with --memory 96M; 2026-11-22).
constexpr double kSecondsOfFault = 3e-6;
// Blocks below 8 MB lie on small pages (runtime/memory.cpp), and an image has some five.
constexpr double kMostPagesOfBlocks = 10240;

enum class Rank { cure, option, hardware };

struct Candidate {
  Rank rank;
  Remedy remedy;
};

class Remedies {
 public:
  Remedies(const Model& model, const Finding& finding, const Rate& measured,
           const AccountRecord& account, const RunFacts& facts)
      : model_(model), finding_(finding), measured_(measured), account_(account), facts_(facts) {}

  std::vector<Remedy> best() {
    for (const auto add : {&Remedies::add_threads, &Remedies::add_cores, &Remedies::add_nodes,
                           &Remedies::add_disk, &Remedies::add_others, &Remedies::add_step,
                           &Remedies::add_in_flight, &Remedies::add_images, &Remedies::add_serial})
      (this->*add)();
    std::ranges::stable_sort(candidates_, [](const Candidate& a, const Candidate& b) {
      if (a.rank != b.rank) return a.rank < b.rank;
      return a.remedy.rate.images_per_second > b.remedy.rate.images_per_second;
    });
    std::vector<Remedy> first;
    for (Candidate& candidate : candidates_) {
      if (first.size() < kMost) first.push_back(std::move(candidate.remedy));
    }
    return first;
  }

 private:
  struct Idea {
    std::string action;
    std::string text;
    std::string how{};
    Reach reach = Reach::near;
  };

  // Kept where it gains enough; `cures`: the limit's own resource is what it is about.
  void offer(const Model& then, Idea idea, bool cures) {
    const Rate rate = predicted_rate(then, measured_, idea.reach);
    if (rate.images_per_second < kLeastGain * measured_.images_per_second ||
        !std::isfinite(rate.images_per_second))
      return;
    const Rank rank = cures ? Rank::cure : idea.how.empty() ? Rank::hardware : Rank::option;
    candidates_.push_back({rank,
                           {.action = std::move(idea.action),
                            .text = std::move(idea.text),
                            .how = std::move(idea.how),
                            .rate = rate}});
  }

  bool limits(const char* resource) const { return finding_.resource == resource; }

  // On the cores there are: idle ones, or those of threads that stand still.
  void add_threads() {
    const auto cores = static_cast<int>(model_.cores);
    const bool stand = model_.costs.waits() > kLeastWaits * model_.costs.cpu();
    if (model_.threads >= cores && !stand) return;
    Model then = model_;
    then.threads = std::max(cores, stand ? 2 * model_.threads : 0);
    // While twice as many still gain a fifth.
    for (Model more = then; stand && then.threads < 64; then = more) {
      more.threads = 2 * then.threads;
      if (graph::limits(more).front().images_per_second <
          1.2 * graph::limits(then).front().images_per_second)
        break;
    }
    // A disk that gives all threads together so many bytes a second looks the same in one run.
    const NodeCost* read = model_.costs.node("read");
    const bool disk = stand && read != nullptr && read->waits > 0.5 * model_.costs.waits();
    offer(then,
          {.action = "threads",
           .text = fmt::format("{} threads instead of {}{}", then.threads, model_.threads,
                               disk ? ", if the disk serves them side by side" : ""),
           .how = fmt::format("--threads {}", then.threads),
           .reach = disk    ? Reach::hope
                    : stand ? Reach::far
                            : Reach::near},
          limits("threads") || limits("disk"));
  }

  void add_cores() {
    const int threads = 2 * std::max(model_.threads, static_cast<int>(model_.cores));
    offer(with_threads(model_, threads),
          {.action = "cores", .text = fmt::format("{0} threads on {0} cores", threads)}, false);
  }

  void add_nodes() {
    for (const Alternative& other : facts_.alternatives) {
      if (model_.costs.node(other.node) == nullptr) continue;
      Model then = model_;
      for (NodeCost& cost : then.costs.nodes) {
        if (cost.name != other.node) continue;
        cost.busy *= other.cost;
        cost.cpu *= other.cost;
        cost.waits *= other.cost;
      }
      offer(then, {.action = "node", .text = other.text, .how = other.how},
            other.node == finding_.node);
    }
  }

  void add_disk() {
    const NodeCost* read = model_.costs.node("read");
    if (read == nullptr || read->waits < kLeastWaits * model_.costs.cpu()) return;
    offer(without_waits(model_, "read"),
          {.action = "disk",
           .text = "files on a disk that lets no thread wait, or in memory",
           .reach = Reach::far},
          limits("disk"));
  }

  void add_others() {
    if (model_.competitors <= 0.0) return;
    Model then = model_;
    then.competitors = 0.0;
    offer(then, {.action = "other processes", .text = "no other process on these cores"},
          limits("other processes"));
  }

  // A device that is as fast as everything else allows.
  void add_step() {
    Model then = model_;
    const auto in_step = [](const NodeCost& cost) { return cost.lane == Lane::step; };
    // Beside a device's nodes the step's others (a checkpoint's copy) stay on the cores.
    const bool elsewhere = std::ranges::any_of(
        then.costs.nodes, [&](const NodeCost& cost) { return in_step(cost) && cost.elsewhere; });
    bool on_cores = false;
    for (NodeCost& cost : then.costs.nodes) {
      if (!in_step(cost) || cost.elsewhere != elsewhere) continue;
      on_cores = !elsewhere;
      cost.busy = cost.cpu = 0.0;
    }
    then.step_alone.reset();
    if (on_cores)
      return offer(then, {.action = "device", .text = "a device for the net", .reach = Reach::far},
                   limits("step"));
    if (!elsewhere || facts_.batch <= 0) return;
    const double rate = graph::limits(then).front().images_per_second;
    const double step_ms = 0.8e3 * facts_.batch / rate;
    offer(then,
          {.action = "device",
           .text = fmt::format("a device with {:.3g} ms a step", step_ms),
           .how = facts_.stand_in ? fmt::format("--assume-step-ms {:.3g}", step_ms) : "",
           .reach = Reach::far},
          limits("step"));
  }

  // Bytes for two images a thread, or twice the slots.
  void add_in_flight() {
    if (!limits("memory") && !limits("slots") && !limits("slow images")) return;
    Model then = model_;
    then.in_flight_cap.reset();
    if (limits("memory")) take_off_mapping(then);
    if (limits("memory"))
      return offer(then,
                   {.action = "memory",
                    .text = "bytes for two images a thread",
                    .how = facts_.memory_bytes > 0
                               ? fmt::format("--memory {:.0f}M", enough_memory() / kMegabyte)
                               : "",
                    .reach = Reach::far},
                   true);
    if (!model_.in_flight_cap || facts_.slots <= 0) return;
    const int slots = std::min(std::max(2 * facts_.slots, 4), 64);
    if (slots <= facts_.slots) return;
    offer(then,
          {.action = "slots",
           .text = fmt::format("{} batches in flight instead of {}", slots, facts_.slots),
           .how = fmt::format("--slots {}", slots),
           .reach = Reach::far},
          limits("slots"));
  }

  // Blocks that do not fit into the budget are given back and mapped again for the next image: page
  // after page, in the kernel. More pages than an image's blocks have are a decoder's own arrays,
  // which are mapped anew whatever the budget.
  void take_off_mapping(Model& then) const {
    const ImageCosts& costs = then.costs;
    if (costs.faults > kMostPagesOfBlocks) return;
    const double in_kernel = std::max(costs.system - kKernel * costs.user, 0.0);
    const double mapping = std::min(in_kernel, kSecondsOfFault * costs.faults);
    for (NodeCost& cost : then.costs.nodes)
      if (cost.name == finding_.node) cost.cpu -= std::min(mapping, 0.5 * cost.cpu);
  }

  double enough_memory() const {
    const double per_wall = account_.wall_seconds > 0.0 ? 1.0 / account_.wall_seconds : 0.0;
    double in_work = 0.0;  // images at a time
    double held = 0.0;
    for (const NodeRecord& node : account_.nodes) {
      if (node.lane != Lane::threads || node.name == "read") continue;
      in_work += node.busy_seconds * per_wall;
      held += static_cast<double>(node.bytes_held_max);
    }
    in_work = std::max(in_work, 0.5);
    const double an_image =
        std::max(static_cast<double>(facts_.image_bytes), 2.0 * held) / std::max(in_work, 1.0);
    const double more = 2.0 * account_.threads * an_image - static_cast<double>(facts_.image_bytes);
    const double asked = std::max(more, 0.0) / std::max(facts_.image_part, 0.1);
    return std::ceil((static_cast<double>(facts_.memory_bytes) + asked) / (16 * kMegabyte)) * 16 *
           kMegabyte;
  }

  void add_images() {
    if (!limits("slow images")) return;
    Model then = model_;
    then.in_flight_cap.reset();
    for (NodeCost& cost : then.costs.nodes) {
      if (cost.name != finding_.node) continue;
      const double part = cost.busy > 0.0 ? std::min(cost.typical / cost.busy, 1.0) : 1.0;
      cost.busy *= part;
      cost.cpu *= part;
      cost.waits *= part;
    }
    offer(then,
          {.action = "images",
           .text = fmt::format("all images as quick in {} as half of them are", finding_.node),
           .reach = Reach::far},
          true);
  }

  void add_serial() {
    Model then = model_;
    bool found = false;
    for (NodeCost& cost : then.costs.nodes) {
      if (cost.lane != Lane::own || cost.name != finding_.node) continue;
      cost.busy = cost.cpu = 0.0;
      found = true;
    }
    if (!found || !limits(finding_.node.c_str())) return;
    offer(then,
          {.action = "node",
           .text = fmt::format("a {} that keeps up", finding_.node),
           .reach = Reach::far},
          true);
  }

  const Model& model_;
  const Finding& finding_;
  const Rate& measured_;
  const AccountRecord& account_;
  const RunFacts& facts_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::vector<Remedy> remedies(const Model& model, const Finding& finding, const Rate& measured,
                             const AccountRecord& account, const RunFacts& facts) {
  return Remedies(model, finding, measured, account, facts).best();
}

}  // namespace sluice::graph
