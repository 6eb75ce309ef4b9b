#include "graph/pipeline.h"

#include "graph/engine.h"
#include "graph/executor.h"

namespace sluice::graph {
namespace {

std::vector<BatchStream> one(BatchStream stream) {
  std::vector<BatchStream> streams;
  streams.push_back(std::move(stream));
  return streams;
}

}  // namespace

Lease::~Lease() {
  if (owner_ != nullptr) owner_->give_back(batch_);
}

struct Pipeline::Impl {
  int threads;
  std::unique_ptr<ArenaLedger> own_arena_ledger;
  std::unique_ptr<ThreadLedger> own_serial_ledger;
  Engine engine;
  std::unique_ptr<GraphExecutor> executor;

  Impl(Arena& arena, const PipelineOptions& options, std::vector<BatchStream> branches)
      : threads(options.executor == Executor::flow ? arena.threads() : 1),
        engine(options, std::move(branches), choose_ledger(arena, options)),
        executor(options.executor == Executor::flow ? make_flow_executor(arena, engine)
                                                    : make_serial_executor(engine)) {
    engine.attach(*executor);
  }

  ThreadLedger& choose_ledger(Arena& arena, const PipelineOptions& options) {
    if (options.executor == Executor::serial) {
      own_serial_ledger = std::make_unique<ThreadLedger>(1, serial_slot);
      return *own_serial_ledger;
    }
    if (options.ledger != nullptr) return options.ledger->threads();
    own_arena_ledger = std::make_unique<ArenaLedger>(arena, Home::none);
    return own_arena_ledger->threads();
  }

  void start(Source& source, Drive drive) {
    engine.start_run(source, drive);
    executor->start();
  }

  RunEnd wait() {
    executor->wait();
    return engine.end_run();
  }
};

Pipeline::Pipeline(Arena& arena, const PipelineOptions& options, std::vector<BatchStream> branches)
    : impl_(std::make_unique<Impl>(arena, options, std::move(branches))) {}

Pipeline::Pipeline(Arena& arena, const PipelineOptions& options, BatchStream stream)
    : Pipeline(arena, options, one(std::move(stream))) {}

Pipeline::~Pipeline() {
  if (!running_) return;
  try {
    finish();
  } catch (...) {  // NOLINT: nobody is left to be told
  }
}

RunEnd Pipeline::run(Source& source) {
  impl_->start(source, Drive::to_the_end);
  return impl_->wait();
}

void Pipeline::start(Source& source) {
  impl_->start(source, Drive::leases);
  running_ = true;
}

std::optional<Lease> Pipeline::next() {
  require(running_, "next() outside start() and finish()");
  impl_->executor->prepare_next();
  return impl_->engine.next();
}

RunEnd Pipeline::finish() {
  require(running_, "finish() without start()");
  running_ = false;
  impl_->engine.abandon();
  return impl_->wait();
}

void Pipeline::cancel() noexcept { impl_->engine.cancel(); }

const MemoryPlan& Pipeline::memory() const { return impl_->engine.memory(); }

AccountRecord Pipeline::account() const { return impl_->engine.account(impl_->threads); }

AccountRecord Pipeline::snapshot() const { return account(); }

std::vector<NodeMoment> Pipeline::moments() const { return impl_->engine.moments(); }

InFlight Pipeline::in_flight() const { return impl_->engine.in_flight(); }

int Pipeline::free_slots() const { return impl_->engine.free_slots(); }

std::size_t Pipeline::image_bytes_max() const { return impl_->engine.image_bytes_max(); }

}  // namespace sluice::graph
