// The engine on oneTBB's flow graph. The only file that includes it.
//
// Messages are numbers of records and slot groups. Image nodes are joined by edges; where something
// must be waited for (slots, bytes, the step token) the engine puts the message when it is there,
// so that no body and no thread waits. One reservation of the graph lasts from `start` until every
// slot is back: a device's phase or a lease cannot let `wait` return early.
#include <tbb/flow_graph.h>

#include <atomic>
#include <vector>

#include "graph/engine.h"
#include "graph/executor.h"

namespace sluice::graph {
namespace {

using Signal = tbb::flow::continue_msg;
using ImageNode = tbb::flow::function_node<int, int>;
using EndNode = tbb::flow::function_node<int, Signal>;
using Sequencer = tbb::flow::sequencer_node<int>;

// Training first: the net must not wait behind images.
constexpr tbb::flow::node_priority_t kBatchPriority = 1;

// One branch behind the trunk.
struct BranchNodes {
  std::vector<std::unique_ptr<ImageNode>> augment;
  std::unique_ptr<EndNode> collate;
  std::unique_ptr<Sequencer> sequencer;
  std::unique_ptr<EndNode> order;
  std::vector<std::unique_ptr<EndNode>> batch;  // message: slot group
};

class FlowExecutor final : public GraphExecutor {
 public:
  FlowExecutor(Arena& arena, Engine& engine) : arena_(arena), engine_(engine) {
    // A graph takes the arena of the thread that builds it.
    arena_.run([this] { build(); });
  }

  ~FlowExecutor() override {
    arena_.run([this] { tear_down(); });
  }

  void start() override {
    // In this order: a signal left over from the run before may wake the pump at any moment, and it
    // releases what must have been reserved.
    graph_->reserve_wait();
    over_ = false;
    wake_source();
  }

  void prepare_next() override {}

  void wait() override {
    arena_.run([this] { graph_->wait_for_all(); });
  }

  void wake_source() override {
    // One signal under way is enough: the pump looks at everything.
    if (!pump_called_.exchange(true)) pump_->try_put(0);
  }
  void start_image(int record) override { decode_->try_put(record); }
  void order_batch(BranchGroup work) override {
    branches_[static_cast<std::size_t>(work.branch)].sequencer->try_put(work.group);
  }
  void start_batch_node(BatchWork work) override {
    BranchNodes& branch = branches_[static_cast<std::size_t>(work.branch)];
    branch.batch[static_cast<std::size_t>(work.node)]->try_put(work.group);
  }

 private:
  void build() {
    graph_ = std::make_unique<tbb::flow::graph>();
    build_source();
    ImageNode* tail = build_trunk();
    const std::size_t count = engine_.wiring().branches.size();
    for (std::size_t b = 0; b < count; ++b) build_branch(static_cast<int>(b), *tail);
  }

  void build_source() {
    pump_ = std::make_unique<EndNode>(*graph_, tbb::flow::serial, [this](int) {
      pump();
      return Signal();
    });
    // As many at a time as there are threads: the node's own queue is first in, first out, and so
    // the oldest samples go first.
    const auto threads = static_cast<std::size_t>(arena_.threads());
    read_ = std::make_unique<ImageNode>(*graph_, threads, [this](int record) {
      engine_.read(record);
      return record;
    });
    in_order_ = std::make_unique<Sequencer>(*graph_, [this](const int& record) {
      return static_cast<std::size_t>(engine_.sequence(record));
    });
    plan_ = std::make_unique<EndNode>(*graph_, tbb::flow::serial, [this](int record) {
      engine_.plan(record);
      return Signal();
    });
    tbb::flow::make_edge(*read_, *in_order_);
    tbb::flow::make_edge(*in_order_, *plan_);
  }

  ImageNode* build_trunk() {
    const auto threads = static_cast<std::size_t>(arena_.threads());
    decode_ = std::make_unique<ImageNode>(*graph_, threads, [this](int record) {
      engine_.decode(record);
      return record;
    });
    ImageNode* tail = decode_.get();
    const int count = static_cast<int>(engine_.wiring().augment.size());
    for (int stage = 0; stage < count; ++stage) {
      trunk_.push_back(append(*tail, [this, stage](int record) {
        engine_.augment_trunk(record, stage);
        return record;
      }));
      tail = trunk_.back().get();
    }
    return tail;
  }

  void build_branch(int b, ImageNode& trunk) {
    const BranchWiring& wiring = engine_.wiring().branches[static_cast<std::size_t>(b)];
    BranchNodes nodes;
    ImageNode* tail = &trunk;
    for (int stage = 0; stage < static_cast<int>(wiring.augment.size()); ++stage) {
      nodes.augment.push_back(append(*tail, [this, b, stage](int record) {
        engine_.augment_branch(record, b, stage);
        return record;
      }));
      tail = nodes.augment.back().get();
    }
    nodes.collate = std::make_unique<EndNode>(*graph_, tbb::flow::unlimited, [this, b](int record) {
      engine_.collate(record, b);
      return Signal();
    });
    tbb::flow::make_edge(*tail, *nodes.collate);
    build_batch_nodes(b, nodes);
    branches_.push_back(std::move(nodes));
  }

  void build_batch_nodes(int b, BranchNodes& nodes) {
    nodes.sequencer = std::make_unique<Sequencer>(*graph_, [this](const int& group) {
      return static_cast<std::size_t>(engine_.batch_sequence(group));
    });
    nodes.order = std::make_unique<EndNode>(
        *graph_, tbb::flow::serial,
        [this, b](int group) {
          engine_.order({.branch = b, .group = group});
          return Signal();
        },
        kBatchPriority);
    tbb::flow::make_edge(*nodes.sequencer, *nodes.order);
    const BranchWiring& wiring = engine_.wiring().branches[static_cast<std::size_t>(b)];
    for (int n = 0; n < static_cast<int>(wiring.batch_nodes.size()); ++n) {
      nodes.batch.push_back(std::make_unique<EndNode>(
          *graph_, tbb::flow::serial,
          [this, b, n](int group) {
            engine_.run_batch_node({.branch = b, .node = n, .group = group});
            return Signal();
          },
          kBatchPriority));
    }
  }

  template <class Body>
  std::unique_ptr<ImageNode> append(ImageNode& before, Body body) {
    auto node = std::make_unique<ImageNode>(*graph_, tbb::flow::unlimited, body);
    tbb::flow::make_edge(before, *node);
    return node;
  }

  // The source: as many samples as there are slots and bytes for; the end, once everything is back.
  void pump() {
    pump_called_ = false;
    if (over_) return;
    while (const std::optional<int> record = engine_.emit()) read_->try_put(*record);
    if (!engine_.finish_if_over()) return;
    over_ = true;
    graph_->release_wait();
  }

  void tear_down() {
    graph_->wait_for_all();
    branches_.clear();
    trunk_.clear();
    decode_.reset();
    plan_.reset();
    in_order_.reset();
    read_.reset();
    pump_.reset();
    graph_.reset();
  }

  Arena& arena_;
  Engine& engine_;
  std::atomic<bool> pump_called_ = false;
  std::atomic<bool> over_ = true;  // nothing for the pump to do
  std::unique_ptr<tbb::flow::graph> graph_;
  std::unique_ptr<EndNode> pump_;
  std::unique_ptr<ImageNode> read_;
  std::unique_ptr<Sequencer> in_order_;
  std::unique_ptr<EndNode> plan_;
  std::unique_ptr<ImageNode> decode_;
  std::vector<std::unique_ptr<ImageNode>> trunk_;
  std::vector<BranchNodes> branches_;
};

}  // namespace

std::unique_ptr<GraphExecutor> make_flow_executor(Arena& arena, Engine& engine) {
  return std::make_unique<FlowExecutor>(arena, engine);
}

}  // namespace sluice::graph
