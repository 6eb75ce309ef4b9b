// What phase curvature takes is part of what its program says that it needs. Counts the bytes of
// every operator new of this binary.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/backend/make_backend.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace {

std::atomic<std::size_t> held = 0, most_held = 0;

void* counted(std::size_t bytes) {
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) return nullptr;
  const std::size_t now = held += malloc_usable_size(memory);
  std::size_t most = most_held;
  while (now > most && !most_held.compare_exchange_weak(most, now)) {
  }
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory != nullptr) held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* memory = counted(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace sluice::test {
namespace {

// Large enough that names and shapes do not count beside its rows.
LayerCase wide_lenet() {
  LayerCase c = layer_case("a small LeNet");
  c.batch = 400;
  return c;
}

ProgramOptions training(const LayerCase& c, UpdateRule rule) {
  return {.batch = c.batch, .purpose = Purpose::training, .rule = rule};
}

// Bytes at most beside those before a forward: the runner and all it makes for a while.
std::size_t taken_by_curvature(Program& program, const StepInput& input) {
  const std::size_t before = held;
  most_held = before;
  for (const Phase phase : {Phase::forward, Phase::curvature}) run_now(program, phase, input);
  return most_held - before;
}

TEST_CASE("a program for curvature announces what the phase takes",
          "[backend][contract][curvature]") {
  const LayerCase c = wide_lenet();
  const CaseData data = case_data(c);
  for (const std::string& name : available_backends()) {
    CAPTURE(name);
    Arena arena(2);
    arena.run([&] {
      NetState state(c.net, 17);
      const auto backend = make_backend(name);
      const auto program = backend->compile(c.net, state, training(c, DiagonalLmRule{}));
      const auto plain = backend->compile(c.net, state, training(c, SgdRule{}));
      // The reference has its runner always; oneDNN's own arrays are no operator new.
      const std::size_t announced =
          name == "reference" ? program->bytes() : program->bytes() - plain->bytes();
      const std::size_t taken = taken_by_curvature(*program, data.input());
      CHECK(taken <= announced + announced / 20);
      CHECK(announced <= taken + taken / 10);
      CHECK(program->bytes() > plain->bytes());
    });
  }
}

}  // namespace
}  // namespace sluice::test
