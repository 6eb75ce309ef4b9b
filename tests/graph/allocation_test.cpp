// Law 3: in the steady state an image allocates nothing. Counts every operator new of the binary;
// oneTBB's own tasks come from its pool and blocks of pixels from ours.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace {

std::atomic<std::int64_t> allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace sluice {
namespace {

TEST_CASE("a thousand images more allocate nothing more", "[graph][memory]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  // Without a trace, and with one that is full before the end.
  const std::size_t spans = GENERATE(std::size_t{0}, std::size_t{10'000});
  graph::TraceRecorder recorder(spans);
  Arena arena(2);
  graph::Pipeline pipeline(arena,
                           {.executor = executor,
                            .batch = 8,
                            .memory_bytes = 8'000'000,
                            .trace = {.recorder = spans > 0 ? &recorder : nullptr}},
                           test::ordinary_stream(std::make_shared<test::World>()));
  const auto count = [&](int samples) {
    test::MemorySource source(samples, 0);
    const std::int64_t before = allocations;
    pipeline.run(source);
    return allocations - before;
  };
  count(800);  // fills the pools
  const std::int64_t few = count(100);
  const std::int64_t many = count(1100);
  CAPTURE(few, many);
  CHECK(many - few < 50);  // a free list may still grow, an image may not
}

}  // namespace
}  // namespace sluice
