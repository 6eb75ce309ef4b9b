// The pipeline: what is wired, how it is run, what it measured.
//
//     auto images  = graph::files(nodes::ReadFile{root}) | nodes::DecodeJpeg{} | std::move(chain);
//     auto batches = std::move(images) | nodes::Collate{row_floats} | nodes::Forward{..} | ...;
//     graph::Pipeline pipeline(arena, options, std::move(batches));
//     pipeline.run(source);  // one epoch; rethrows the first cause
//
// A stream is move-only: a fan-out by accident or a wrong order does not compile; `split` makes
// branches on purpose.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/arena_ledger.h"
#include "graph/stage.h"
#include "graph/stream.h"
#include "graph/trace_recorder.h"
#include "runtime/account.h"
#include "runtime/arena.h"
#include "runtime/timeline.h"

namespace sluice::graph {

enum class Executor {
  flow,    // oneTBB's flow graph on the arena
  serial,  // one image after the other in the calling thread: the slow twin
};

enum class Measuring {
  on,
  off,  // items are counted, no clock is read: to learn what measuring costs
};

// What image nodes make: the twin `whole` shows that the parts have the same pixels.
enum class Parts {
  needed,  // only what the nodes behind need: a crop's pixels, and what they are made of
  whole,   // whole images
};

struct PipelineOptions {
  Executor executor = Executor::flow;
  int batch = 1;                                    // rows of a batch
  int slots = 3;                                    // batches in flight, at least 1
  std::size_t memory_bytes = std::size_t{1} << 30;  // of preparation: slots and images in flight
  std::uint64_t seed = 0;
  std::int64_t max_pixels = 100'000'000;  // at any stage
  Parts parts = Parts::needed;
  Measuring measuring = Measuring::on;
  // Where the rows of batches lie; empty: anywhere.
  RowMemory row_memory{};
  // Of the arena, where the account shall close over the whole process; none: the pipeline's own.
  ArenaLedger* ledger = nullptr;
  // Must outlive the pipeline. Records nothing where nothing is measured.
  TraceInto trace{};
};

// How preparation's memory is divided; printed at start.
struct MemoryPlan {
  std::size_t slot_bytes = 0;  // one slot of every branch
  int slots = 0;
  std::size_t read_bytes = 0;   // compressed files in flight
  std::size_t image_bytes = 0;  // decoders, images and scratch in flight
  std::string text() const;     // one line
};

enum class RunEnd { completed, cancelled };

// A finished batch in the hands of an outside consumer; gives its slot back when destroyed. The
// same thing, from the same ordered port, that the first batch node takes. Must not outlive its
// run.
class Lease {
 public:
  // Who takes a batch back; any thread may call.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void give_back(Batch* batch) noexcept = 0;
  };
  Lease(Owner* owner, Batch* batch) : owner_(owner), batch_(batch) {}
  Lease(Lease&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)),
        batch_(std::exchange(other.batch_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Batch& batch() const { return *batch_; }

 private:
  Owner* owner_;
  Batch* batch_;
};

// One caller at a time drives it (`run`, or `start` / `next` / `finish`); `cancel` from any thread
// and from a signal handler. May be run again: slots, memory and the account go on.
class Pipeline {
 public:
  // Throws Error{usage} when the memory cannot hold two slots (one, if options say so) and an
  // image, naming what would be enough.
  Pipeline(Arena& arena, const PipelineOptions& options, std::vector<BatchStream> branches);
  Pipeline(Arena& arena, const PipelineOptions& options, BatchStream stream);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Runs everything `source` hands out through all nodes and waits for the end. Rethrows the first
  // cause of a failure; by then all slots and tokens are back.
  RunEnd run(Source& source);

  // Driven from outside (a pipeline of one branch without batch nodes): `next` gives finished
  // batches in order, nothing at the end; `finish` waits, and rethrows like `run`.
  void start(Source& source);
  std::optional<Lease> next();
  RunEnd finish();

  // Stops in order: what is in flight is held or completed, every slot comes back, `run` returns
  // `cancelled`. Lock-free, async-signal-safe. Stays set: a later run ends at once, so that a
  // signal between two runs is not lost.
  void cancel() noexcept;

  const MemoryPlan& memory() const;
  // The sum of all runs, and the process's CPU while they lasted. Between runs.
  AccountRecord account() const;
  // The same while it runs, up to now. Any thread at any time (but not while it is made or
  // destroyed). Two counts may be a few items apart, and the sums then do not close yet; `starved`
  // and `blocked` of batch nodes go up to when they last began.
  AccountRecord snapshot() const;
  // As cheap as can be, for who asks often: a moment a node, in the account's order.
  std::vector<NodeMoment> moments() const;
  InFlight in_flight() const;
  int free_slots() const;               // of the first branch; all of them between runs
  std::size_t image_bytes_max() const;  // most that was ever in use by images in flight

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  bool running_ = false;  // between start and finish
};

}  // namespace sluice::graph
