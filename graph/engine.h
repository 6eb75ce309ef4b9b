// The pipeline without threads: all state, and every operation on it as a short call that never
// waits. Executors (executor.h) decide which thread makes the next call.
//
//   emit -> read -> plan =granted=> decode -> augment.. -> [branch: augment.. -> collate]
//        =batch complete=> order -> batch nodes or the lease port -> slots back -> emit
//
// A sample's record travels through all image steps whatever happens to it (law 1): failed and held
// ones do nothing there, so that their row, bytes and slot come back through the ordinary path.
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "graph/byte_budget.h"
#include "graph/clocks.h"
#include "graph/pipeline.h"
#include "graph/records.h"
#include "graph/ring.h"
#include "graph/scheduler.h"
#include "graph/thread_ledger.h"
#include "graph/wiring.h"

namespace sluice::graph {

enum class Drive { to_the_end, leases };

// A callable by reference: what a node does to one sample. Allocates nothing.
class StepBody {
 public:
  template <class F>
  StepBody(const F& body)  // NOLINT: a lambda is a body
      : body_(&body), call_([](const void* f) { return (*static_cast<const F*>(f))(); }) {}
  Result<> operator()() const { return call_(body_); }

 private:
  const void* body_;
  Result<> (*call_)(const void*);
};

class Engine final : public Lease::Owner {
 public:
  // `ledger` and `scheduler` must outlive the engine.
  Engine(const PipelineOptions& options, std::vector<BatchStream> branches, ThreadLedger& ledger);
  ~Engine();

  void attach(Scheduler& scheduler) { scheduler_ = &scheduler; }

  // --- A run. One thread; between `start_run` and `end_run` executors work.
  void start_run(Source& source, Drive drive);
  // After everything came back. Rethrows the first cause.
  RunEnd end_run();
  void cancel() noexcept { cancelled_.store(true); }
  // Ends a run of leases early: what is in flight is held.
  void abandon();
  bool stopped() const { return cancelled_.load() || failed_.load() || abandoned_.load(); }

  // --- The source. One thread at a time.
  // The next record to read; none: nothing now (`Scheduler::wake_source` tells when) or the end.
  std::optional<int> emit();
  // True once: the source is done and every slot is back.
  bool finish_if_over();
  bool over() const;

  // --- Image steps, each after the one before for its record; many records at once.
  std::uint64_t sequence(int record) const { return records_[index(record)]->sequence; }
  void read(int record);
  void plan(int record);  // in sample order, one at a time
  void decode(int record);
  void augment_trunk(int record, int stage);
  void augment_branch(int record, int branch, int stage);
  void collate(int record, int branch);

  // --- Batch steps.
  std::uint64_t batch_sequence(int group) const { return groups_[index(group)]->sequence; }
  void order(BranchGroup work);  // in batch order, one at a time a branch
  void run_batch_node(BatchWork work);

  // --- The lease port, for one outside consumer. Waits on a condition variable.
  std::optional<Lease> next();
  bool next_would_wait() const;
  void give_back(Batch* batch) noexcept override;

  // --- What is wired and measured.
  ThreadLedger& ledger() { return ledger_; }
  const Wiring& wiring() const { return wiring_; }
  const MemoryPlan& memory() const { return memory_; }
  // These any thread may ask, also while it runs.
  AccountRecord account(int threads) const;
  std::vector<NodeMoment> moments() const;
  InFlight in_flight() const;
  int free_slots() const;
  std::size_t image_bytes_max() const { return image_pool_.bytes_in_use_max(); }

 private:
  struct Token;
  struct BatchNodeState;
  struct BranchState;
  class Visit;
  class CpuCharge;

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  SampleRecord& record(int i) { return *records_[index(i)]; }
  Slot& slot(int group, int branch) { return *groups_[index(group)]->slots[index(branch)]; }

  // engine.cpp
  void make_groups();
  void make_branches();
  Token& token_of(const void* net, int branch);
  void fail_run(std::exception_ptr cause) noexcept;
  // How a run is to end before its images do.
  enum class Stop { none, cancelled, at_once };
  Stop stop_now() const;
  bool begin_batch(int group);
  bool holds(int group, Stop stop);

  // measuring.cpp
  // An item inside a node.
  struct Work {
    ThreadLedger::Scope scope;
    std::int64_t started_ns = 0;
  };
  NodeMeter::Cell& cell(NodeMeter& meter) { return meter.cell(ledger_.slot()); }
  std::int64_t now() const { return options_.measuring == Measuring::on ? wall_ns() : 0; }
  Work begin_work(const NodeMeter& meter);
  void end_work(NodeMeter& meter, const Work& work, std::int64_t& ready_ns, std::int64_t item);
  void begin_batch_work(BatchNodeState& node, std::int64_t ready_ns);
  void end_batch_work(BatchNodeState& node);
  void start_measuring();
  void stop_measuring();
  std::int64_t standing_before(const WiredRow& row) const;

  // tracing.cpp
  void make_tracks();
  void trace_thread(const NodeMeter& meter, int slot, std::int64_t begun, std::int64_t ended,
                    std::int64_t item);
  void trace_batch(const BatchNodeState& node, std::int64_t ended);
  void wait_for(std::int64_t& since) const;
  std::int64_t waited(std::int64_t& since) const;

  // source_steps.cpp
  bool fetch_item();
  bool has_samples(int group) const;
  bool open_group();
  void close_group();
  void end_source();
  int fill_record(std::size_t file_bytes);
  void slot_back(int group);
  void tell_port();

  // image_steps.cpp
  bool attempt(NodeMeter& meter, SampleFate fate, StepBody body);
  void step(NodeMeter& meter, SampleFate fate, StepBody body);
  Result<> read_file(SampleRecord& record);
  Result<> decode_file(SampleRecord& record);
  Result<> store(SampleRecord& record, int branch);
  void inherit(SampleRecord& record, BranchSample& sample);
  static ConstImagePart input(const SampleRecord& sample, const Image& image,
                              const std::vector<StagePlan>& plans, int stage);
  void apply(const AugmentNodeWiring& node, const StagePlan& plan, const ConstImagePart& from,
             Image& to);
  void apply(const AugmentNodeWiring& node, const StagePlan& plan, const ConstImagePart& from,
             ImageView to);
  std::span<std::byte> row(const SampleRecord& sample, int branch);
  std::optional<ImageView> row_image(const SampleRecord& sample, int branch, const StagePlan& last);
  void clear_row(const SampleRecord& sample, int branch);
  void release_file(SampleRecord& record);
  void release_trunk(SampleRecord& record, BranchSample& sample);
  void finish_record(SampleRecord& record);
  void finish_rows(int group, int branch);

  // plan_steps.cpp
  void grant();
  Result<std::size_t> plan_record(SampleRecord& record);
  Result<> plan_stage(const AugmentNodeWiring& node, const SampleId& id, const StagePlan& from,
                      StagePlan& plan) const;
  Result<> draw_row_transform(const SampleRecord& sample, int branch);
  Result<> draw_chain(const std::vector<AugmentNodeWiring>& chain, const SampleId& id,
                      const StagePlan& input, std::vector<StagePlan>& plans) const;
  void choose_boxes(SampleRecord& sample) const;
  std::size_t bytes_needed(const SampleRecord& sample) const;

  // batch_steps.cpp
  void call_batch_node(BatchNodeState& node, std::uint64_t ticket);
  struct Moves;
  void advance(int branch);
  bool find_moves(BranchState& branch, Stop stop, Moves& moves);
  void take_out_held(BatchNodeState& node, Stop stop, Moves& moves);
  void advance_others(int branch);
  bool answer(BatchNodeState& node, std::uint64_t ticket, std::exception_ptr error) noexcept;
  void part_done(BatchNodeState& node);
  void finish_batch_node(BatchNodeState& node);
  void arrive(int branch, int node, int group);

  // lease_port.cpp
  void offer(int group);
  bool exhausted() const;
  void drain_port();

  const PipelineOptions options_;
  Wiring wiring_;
  MemoryPlan memory_;
  ThreadLedger& ledger_;
  Scheduler* scheduler_ = nullptr;
  BlockPool read_pool_;
  BlockPool image_pool_;

  std::vector<std::unique_ptr<SlotGroup>> groups_;
  std::vector<SampleRecord*> records_;  // group-major
  std::vector<std::unique_ptr<BranchState>> branches_;
  std::vector<std::unique_ptr<Token>> tokens_;

  std::vector<std::int32_t> thread_tracks_;  // by arena slot; empty: no trace

  // Ends.
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> abandoned_ = false;
  bool in_run_ = false;  // the caller's: between start_run and end_run
  std::mutex cause_mutex_;
  std::exception_ptr first_cause_;
  std::atomic<int> visitors_ = 0;  // threads from outside that are in a call

  // The source's, one thread at a time.
  Source* source_ = nullptr;
  std::optional<SourceItem> next_item_;
  std::atomic<bool> source_ended_ = true;
  int open_group_ = -1;
  std::int64_t next_batch_ = 0;             // of the run
  std::uint64_t next_sample_sequence_ = 0;  // over all runs
  std::uint64_t next_batch_sequence_ = 0;   // over all runs
  std::int64_t source_waits_since_ = 0;     // for a slot or file bytes; 0: it does not

  mutable std::mutex group_mutex_;
  Ring free_groups_;

  mutable std::mutex budget_mutex_;
  ByteBudget read_budget_;
  ByteBudget image_budget_;
  Ring planned_;                        // records that wait for image bytes, in sample order
  std::int64_t grant_waits_since_ = 0;  // the first of them; 0: it does not

  Drive drive_ = Drive::to_the_end;
  mutable std::mutex port_mutex_;
  std::condition_variable port_changed_;
  Ring port_;
  int leased_ = 0;
  bool over_ = true;

  // The account's totals over the runs that are over, and where they stood when this one began.
  struct Totals {
    std::int64_t wall_ns = 0;
    std::int64_t cpu_ns = 0;
    ProcessUsage usage;
    Overheads overheads;
  };
  Totals clocks() const;
  Totals totals() const;
  void add_since_start(Totals& sum) const;
  mutable std::mutex totals_mutex_;
  bool measures_ = false;
  Totals started_;
  Totals total_;
};

}  // namespace sluice::graph
