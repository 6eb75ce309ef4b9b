#include "graph/engine.h"

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
      const std::size_t bytes = batch * branch.collect->row_bytes();
      slot->rows = take_rows(options_.row_memory, bytes);
      const std::span<std::byte> rows(slot->rows.get(), bytes);
      if (branch.collect->row_type() == PixelType::u8) {
        slot->batch.row_bytes = rows;
        slot->batch.transforms.resize(batch);
        for (const AugmentNodeWiring& node : branch.left)
          if (node.has_image) slot->batch.row_image = node.stage->row_image();
      } else {
        slot->batch.rows = as_floats(rows);
      }
      slot->batch.labels.resize(batch);
      slot->batch.row_weights.resize(batch);
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
      branch->nodes.push_back(std::move(node));
    }
    branches_.push_back(std::move(branch));
  }
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

int Engine::free_slots() const {
  const std::lock_guard lock(group_mutex_);
  return static_cast<int>(free_groups_.size());
}

}  // namespace sluice::graph
