// `graph::Pipeline` with its executor on plain threads: the same engine, the same calls.
#pragma once

#include <optional>
#include <vector>

#include "graph/engine.h"
#include "tests/contract/thread_executor.h"

namespace sluice::test {

// The thread that makes it is the ledger's home.
class ThreadedPipeline {
 public:
  ThreadedPipeline(const ThreadOptions& threads, const graph::PipelineOptions& options,
                   std::vector<graph::BatchStream> branches)
      : threads_(threads.threads),
        ledger_(threads.threads, thread_slot, graph::Home::calling_thread),
        engine_(options, std::move(branches), ledger_),
        executor_(engine_, threads) {
    engine_.attach(executor_);
  }
  ThreadedPipeline(const ThreadOptions& threads, const graph::PipelineOptions& options,
                   graph::BatchStream stream)
      : ThreadedPipeline(threads, options, one(std::move(stream))) {}

  graph::RunEnd run(graph::Source& source) {
    begin(source, graph::Drive::to_the_end);
    return end();
  }
  void start(graph::Source& source) { begin(source, graph::Drive::leases); }
  std::optional<graph::Lease> next() { return engine_.next(); }
  graph::RunEnd finish() {
    engine_.abandon();
    return end();
  }
  void cancel() noexcept { engine_.cancel(); }

  AccountRecord account() const { return engine_.account(threads_); }
  std::vector<NodeMoment> moments() const { return engine_.moments(); }
  InFlight in_flight() const { return engine_.in_flight(); }
  int free_slots() const { return engine_.free_slots(); }
  graph::ThreadLedger& ledger() { return ledger_; }

 private:
  static std::vector<graph::BatchStream> one(graph::BatchStream stream) {
    std::vector<graph::BatchStream> streams;
    streams.push_back(std::move(stream));
    return streams;
  }
  void begin(graph::Source& source, graph::Drive drive) {
    engine_.start_run(source, drive);
    executor_.start();
  }
  graph::RunEnd end() {
    executor_.wait();
    return engine_.end_run();
  }

  int threads_;
  graph::ThreadLedger ledger_;
  graph::Engine engine_;
  ThreadExecutor executor_;
};

}  // namespace sluice::test
