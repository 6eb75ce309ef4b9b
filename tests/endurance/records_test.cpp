// A million records through the flow graph: whatever happens to a run, every record comes out
// exactly once, as out, failed or held, and memory stays where it is.
#include "tests/endurance/records.h"

#include <fmt/core.h>

#include <chrono>
#include <random>
#include <thread>

#include "graph/account/closes.h"
#include "tests/endurance/memory_slope.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

constexpr std::uint32_t kRecords = kSanitized ? 100'000 : 1'000'000;

// 0 to `below` - 1.
std::uint32_t draw(std::minstd_rand& random, std::uint32_t below) {
  return static_cast<std::uint32_t>(random() % below);
}

// How a run is brought to its end.
enum class Ending { by_itself, cancelled, source_throws, node_throws, batch_fails, left_early };

struct Shape {
  int batch = 1;
  int slots = 1;
  int branches = 1;
  bool leases = false;  // driven by next(), without batch nodes
};

// Image nodes' records: what they failed, held and, at last, stored; of the first branch.
struct Counted {
  std::int64_t emitted = 0;
  std::int64_t failed = 0;
  std::int64_t held = 0;
  std::int64_t stored = 0;
};

class OnePipeline {
 public:
  OnePipeline(Arena& arena, Fates& fates, const Shape& shape)
      : shape_(shape),
        fates_(fates),
        pipeline_(
            arena,
            {.batch = shape.batch,
             .slots = shape.slots,
             .memory_bytes = 3'000'000,
             .seed = static_cast<std::uint64_t>(shape.batch),
             .measuring = shape.slots % 2 == 0 ? graph::Measuring::off : graph::Measuring::on},
            streams()) {}

  // Runs over records from `first` on; how many the source has handed out.
  std::uint32_t run(std::uint32_t first, Ending ending, std::minstd_rand& random);

  bool stopped_on_purpose() const { return !completed_; }
  bool over() const { return cancelled_; }
  const graph::Pipeline& pipeline() const { return pipeline_; }
  // Of all its runs, by the account.
  Counted counted() const;
  int most_in_flight() const { return shape_.slots * shape_.batch + 1; }

 private:
  std::vector<graph::BatchStream> streams();
  graph::RunEnd drive(RecordSource& source, Ending ending, std::minstd_rand& random);

  Shape shape_;
  Fates& fates_;
  std::shared_ptr<LateThread> late_ = std::make_shared<LateThread>();
  std::shared_ptr<BatchFailure> failure_ = std::make_shared<BatchFailure>();
  graph::Pipeline pipeline_;
  bool completed_ = false;
  bool cancelled_ = false;
};

std::vector<graph::BatchStream> OnePipeline::streams() {
  const SharedWorld& world = fates_.world();
  auto images = graph::files(MarkingRead{.reader = {world}, .fates = &fates_}) |
                MarkingDecode{.decoder = {world}, .fates = &fates_} |
                Cut{.world = world, .side = 8};
  std::vector<graph::BatchStream> result;
  if (shape_.leases) {
    result.push_back(std::move(images) | Tint{world} | MemoryCollate{world});
    return result;
  }
  auto branches = graph::split(std::move(images), shape_.branches);
  for (int b = 0; b < shape_.branches; ++b) {
    result.push_back(std::move(branches[static_cast<std::size_t>(b)]) | Tint{world} |
                     MemoryCollate{world} | Enter{late_} | Leave{late_, failure_} |
                     MarkingSink{&fates_, b});
  }
  return result;
}

std::uint32_t OnePipeline::run(std::uint32_t first, Ending ending, std::minstd_rand& random) {
  const std::uint32_t length = 1 + draw(random, draw(random, 2) == 0 ? 200 : 4000);
  const std::uint32_t left = fates_.records() - first;
  RecordSource::Range range{.first = first, .count = std::min(length, left)};
  const std::uint32_t at = draw(random, range.count);
  *failure_ = {};
  fates_.world()->faults.throwing.clear();
  if (ending == Ending::source_throws) range.throw_after = at;
  if (ending == Ending::node_throws) fates_.world()->faults.throwing = {first + at};
  if (ending == Ending::batch_fails) {
    *failure_ = {.batch = at / static_cast<std::uint32_t>(shape_.batch),
                 .way = static_cast<BatchFailure::Way>(draw(random, 3))};
  }
  RecordSource source(fates_, range);
  completed_ = false;
  try {
    completed_ = drive(source, ending, random) == graph::RunEnd::completed;
  } catch (const Error&) {
  }
  cancelled_ = ending == Ending::cancelled;
  return source.handed_out();
}

graph::RunEnd OnePipeline::drive(RecordSource& source, Ending ending, std::minstd_rand& random) {
  std::jthread canceller;
  if (ending == Ending::cancelled) {
    canceller = std::jthread([this, after = std::chrono::microseconds(draw(random, 20'000))] {
      std::this_thread::sleep_for(after);
      pipeline_.cancel();
    });
  }
  if (!shape_.leases) return pipeline_.run(source);
  pipeline_.start(source);
  int wanted = ending == Ending::left_early ? static_cast<int>(draw(random, 20)) : -1;
  while (wanted-- != 0) {
    const std::optional<graph::Lease> lease = pipeline_.next();
    if (!lease) break;
    mark_batch(fates_, lease->batch(), 0);
  }
  return pipeline_.finish();
}

Counted OnePipeline::counted() const {
  Counted counted;
  for (const NodeRecord& node : pipeline_.account().nodes) {
    if (node.unit != "image" || node.name.starts_with("branch2/")) continue;
    if (node.name == "sampler") {
      counted.emitted = node.items_in;
    } else {
      counted.failed += node.items_failed;
    }
    counted.held += node.items_held;
    if (node.name.ends_with("collate")) counted.stored = node.items_out;
  }
  return counted;
}

// Batches come out of a node of the account as they go into the next one of its branch.
bool hand_over(const AccountRecord& account) {
  const NodeRecord* before = nullptr;
  for (const NodeRecord& node : account.nodes) {
    const bool first = node.name.ends_with("order");
    if (node.unit == "batch" && !first && before->items_out != node.items_in) return false;
    before = node.unit == "batch" ? &node : nullptr;
  }
  return true;
}

Shape random_shape(std::minstd_rand& random) {
  constexpr int kBatches[] = {3, 8, 16, 33};
  const bool leases = draw(random, 4) == 0;
  return {.batch = kBatches[draw(random, 4)],
          .slots = 1 + static_cast<int>(draw(random, 5)),
          .branches = !leases && draw(random, 3) == 0 ? 2 : 1,
          .leases = leases};
}

Ending random_ending(const Shape& shape, std::minstd_rand& random) {
  switch (draw(random, 40)) {
    case 0:
    case 1:
      return Ending::cancelled;
    case 2:
      return Ending::source_throws;
    case 3:
      return Ending::node_throws;
    case 4:
    case 5:
      return shape.leases ? Ending::left_early : Ending::batch_fails;
    default:
      return Ending::by_itself;
  }
}

// Everything the test does, and what it finds wrong: counted, because a CHECK a run would take
// longer than the run.
struct Course {
  Fates fates{kRecords};
  std::minstd_rand random{20260};
  std::uint32_t next = 0;
  int pipelines = 0;
  int runs = 0;
  int runs_stopped = 0;
  Tally all;
  std::int64_t wrong_ends = 0;      // records missing after a run that came to its end
  std::int64_t wrong_stops = 0;     // more missing after a stop than can have been in flight
  std::int64_t wrong_accounts = 0;  // does not close, or says something else than the marks
  std::int64_t slots_missing = 0;

  void one_pipeline(Arena& arena);
  void one_run(OnePipeline& pipeline, const Shape& shape);
};

void Course::one_run(OnePipeline& pipeline, const Shape& shape) {
  const std::uint32_t first = next;
  next += pipeline.run(first, random_ending(shape, random), random);
  ++runs;
  const Tally run = fates.tally(first, next, shape.branches);
  all += run;
  if (pipeline.stopped_on_purpose()) {
    ++runs_stopped;
    if (run.held + run.partly > pipeline.most_in_flight()) ++wrong_stops;
  } else if (run.held + run.partly != 0) {
    ++wrong_ends;
  }
  if (pipeline.pipeline().free_slots() != shape.slots) ++slots_missing;
}

void Course::one_pipeline(Arena& arena) {
  const Shape shape = random_shape(random);
  const std::uint32_t first = next;
  OnePipeline pipeline(arena, fates, shape);
  ++pipelines;
  while (!pipeline.over() && next < kRecords) one_run(pipeline, shape);
  const Counted counted = pipeline.counted();
  const AccountRecord account = pipeline.pipeline().account();
  if (!graph::closes(account) || !hand_over(account) || counted.emitted != next - first ||
      counted.emitted != counted.failed + counted.held + counted.stored) {
    ++wrong_accounts;
  }
}

TEST_CASE("a million records come out once each through errors, delays and cancels, in flat memory",
          "[graph][endurance]") {
  Course course;
  MemorySlope memory;
  Arena arena(4);
  while (course.next < kRecords) {
    course.one_pipeline(arena);
    memory.sample(course.next);
  }
  const Tally& all = course.all;
  fmt::print(
      "records {}, out {}, failed {}, held {}, twice {}; {} runs of {} pipelines, {} stopped\n",
      all.emitted, all.out, all.failed, all.held, course.fates.twice(), course.runs,
      course.pipelines, course.runs_stopped);
  fmt::print("{}\n", memory.text("records"));
  CHECK(all.emitted == kRecords);
  CHECK(all.out + all.failed + all.held == kRecords);
  CHECK(course.fates.twice() == 0);
  CHECK(all.unexpected == 0);
  CHECK(course.wrong_ends == 0);
  CHECK(course.wrong_stops == 0);
  CHECK(course.wrong_accounts == 0);
  CHECK(course.slots_missing == 0);
  CHECK(course.runs_stopped > course.runs / 40);  // the random moments did fall into runs
  CHECK(all.held > 0);
  if (kSanitized) return;
  CHECK(memory.resident() < 8'000.0);  // bytes per 1000 records
  CHECK(memory.heap() < 400.0);
}

}  // namespace
}  // namespace sluice::test
