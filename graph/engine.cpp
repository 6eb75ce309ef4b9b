#include "graph/engine.h"

#include <algorithm>
#include <thread>

#include "graph/engine_parts.h"
#include "graph/memory_plan.h"

namespace sluice::graph {
namespace {

PipelineOptions checked(const PipelineOptions& options) {
  require(options.batch >= 1, "a batch of {} rows: valid is 1 or more", options.batch);
  require(options.slots >= 1, "{} slots: valid is 1 or more", options.slots);
  require(options.max_pixels >= 1, "a limit of {} pixels: valid is 1 or more", options.max_pixels);
  return options;
}

std::size_t sample_count(const MemoryPlan& memory, const PipelineOptions& options) {
  return static_cast<std::size_t>(memory.slots) * static_cast<std::size_t>(options.batch);
}

constexpr std::size_t kPage = 4096;

// Every page gets its memory now, so that the first to write finds it.
std::shared_ptr<std::byte> take_rows(const RowMemory& memory, std::size_t bytes) {
  if (memory && bytes > 0) {
    std::shared_ptr<std::byte> rows = memory(bytes);
    for (std::size_t i = 0; i < bytes; i += kPage) rows.get()[i] = std::byte{0};
    return rows;
  }
  const auto block = std::make_shared<Block>(Block::allocate(bytes));
  block->touch();
  return {block, block->data()};
}

}  // namespace

Engine::Engine(const PipelineOptions& options, std::vector<BatchStream> branches,
               ThreadLedger& ledger)
    : options_(checked(options)),
      memory_(plan_memory(options_, branches)),
      ledger_(ledger),
      read_pool_(memory_.read_bytes),
      image_pool_(memory_.image_bytes),
      free_groups_(index(memory_.slots)),
      read_budget_(memory_.read_bytes),
      image_budget_(memory_.image_bytes),
      planned_(sample_count(memory_, options_)),
      port_(index(memory_.slots)) {
  wiring_ = wire(std::move(branches), ledger_.slots());
  make_groups();
  make_branches();
  make_tracks();
}

Engine::~Engine() = default;

void Engine::make_groups() {
  const std::size_t batch = index(options_.batch);
  for (int g = 0; g < memory_.slots; ++g) {
    auto group = std::make_unique<SlotGroup>();
    for (const BranchWiring& branch : wiring_.branches) {
      auto slot = std::make_unique<Slot>();
      const std::size_t rows = batch * index(branch.collect->views());
      const std::size_t bytes = rows * branch.collect->row_bytes();
      slot->rows = take_rows(options_.row_memory, bytes);
      const std::span<std::byte> memory(slot->rows.get(), bytes);
      if (branch.collect->row_type() == PixelType::u8) {
        slot->batch.row_bytes = memory;
        slot->batch.transforms.resize(batch);
        for (const AugmentNodeWiring& node : branch.left)
          if (node.has_image) slot->batch.row_image = node.stage->row_image();
      } else {
        slot->batch.rows = as_floats(memory);
      }
      slot->batch.views = branch.collect->views();
      slot->batch.labels.resize(rows);
      slot->batch.row_weights.resize(rows);
      slot->batch.ids.resize(batch);
      group->slots.push_back(std::move(slot));
    }
    for (int row = 0; row < options_.batch; ++row) {
      auto record = std::make_unique<SampleRecord>();
      record->group = g;
      record->row = row;
      record->stages.resize(wiring_.augment.size());
      record->branches.resize(wiring_.branches.size());
      for (std::size_t b = 0; b < wiring_.branches.size(); ++b) {
        record->branches[b].stages.resize(wiring_.branches[b].augment.size());
      }
      records_.push_back(record.get());
      group->records.push_back(std::move(record));
    }
    groups_.push_back(std::move(group));
    free_groups_.push(g);
  }
}

void Engine::make_branches() {
  for (std::size_t b = 0; b < wiring_.branches.size(); ++b) {
    const BranchWiring& wired = wiring_.branches[b];
    auto branch = std::make_unique<BranchState>();
    for (std::size_t n = 0; n < wired.batch_nodes.size(); ++n) {
      auto node = std::make_unique<BatchNodeState>(index(memory_.slots));
      node->engine = this;
      node->stage = wired.batch_nodes[n].get();
      node->meter = wired.batch_meters[n].get();
      node->branch = static_cast<int>(b);
      node->node = static_cast<int>(n);
      node->on_cpu = node->meter->place() == "cpu";
      node->token = &token_of(node->stage->net(), static_cast<int>(b));
      branch->nodes.push_back(std::move(node));
    }
    branches_.push_back(std::move(branch));
  }
}

// A net's step token, or the branch's own.
Engine::Token& Engine::token_of(const void* net, int branch) {
  const auto same = [&](const std::unique_ptr<Token>& token) {
    return token->net == net && (net != nullptr || token->branches.front() == branch);
  };
  auto found = std::ranges::find_if(tokens_, same);
  if (found == tokens_.end()) found = tokens_.insert(found, std::make_unique<Token>(net));
  std::vector<int>& branches = (*found)->branches;
  if (branches.empty() || branches.back() != branch) branches.push_back(branch);
  return **found;
}

void Engine::start_run(Source& source, Drive drive) {
  require(!in_run_, "the pipeline is running: finish() ends a run that start() began");
  require(drive == Drive::to_the_end || (branches_.size() == 1 && branches_.front()->nodes.empty()),
          "next() needs a pipeline of one branch without batch nodes");
  in_run_ = true;
  source_ = &source;
  drive_ = drive;
  source_ended_ = false;
  next_batch_ = 0;
  failed_ = false;
  abandoned_ = false;
  over_ = false;
  start_measuring();
}

RunEnd Engine::end_run() {
  for (const BranchWiring& branch : wiring_.branches)
    for (const auto& node : branch.batch_nodes) node->settle();
  // Device threads leave their last call within microseconds of the run's end.
  while (visitors_.load() != 0) std::this_thread::yield();
  stop_measuring();
  source_ = nullptr;
  in_run_ = false;
  const std::lock_guard lock(cause_mutex_);
  if (first_cause_ != nullptr) std::rethrow_exception(std::exchange(first_cause_, nullptr));
  return stopped() ? RunEnd::cancelled : RunEnd::completed;
}

void Engine::fail_run(std::exception_ptr cause) noexcept {
  {
    const std::lock_guard lock(cause_mutex_);
    if (first_cause_ == nullptr) first_cause_ = std::move(cause);
    failed_ = true;
  }
  tell_port();
}

Engine::Stop Engine::stop_now() const {
  if (failed_.load() || abandoned_.load()) return Stop::at_once;
  return cancelled_.load() ? Stop::cancelled : Stop::none;
}

// A net takes the batch in. False: a cancel came first, and some branch holds it.
bool Engine::begin_batch(int group) {
  Course course = Course::open;
  return groups_[index(group)]->course.compare_exchange_strong(course, Course::begun) ||
         course == Course::begun;
}

// Whether what is on its way in the batch is to be held. A cancel lets what a net has begun go on
// in every branch, so that weights, report and checkpoint are of one step; a failure holds it too.
bool Engine::holds(int group, Stop stop) {
  if (stop != Stop::cancelled) return stop == Stop::at_once;
  Course course = Course::open;
  return groups_[index(group)]->course.compare_exchange_strong(course, Course::held) ||
         course == Course::held;
}

int Engine::free_slots() const {
  const std::lock_guard lock(group_mutex_);
  return static_cast<int>(free_groups_.size());
}

}  // namespace sluice::graph
