// A program that fails at one chosen call, for tests of what happens then.
#pragma once

#include <atomic>
#include <memory>

#include "runtime/backend/backend.h"

namespace sluice::test {

enum class FailureWay {
  throws,       // `run` throws, `done` is never called
  reports,      // `done` with the failure, before `run` returns
  reports_late  // `done` with the failure, from another thread, after `run` returned
};

struct Failure {
  int call = 0;  // the call of `run` that fails, counted from 1 over all phases; 0: none
  FailureWay way = FailureWay::throws;
};

// The text of the failure: "injected failure at call N".
std::string failure_text(int call);

// Decorates any program. Like every program: one caller at a time. The late reporter's thread is
// joined by the destructor.
std::unique_ptr<Program> make_failing_program(std::unique_ptr<Program> inner, Failure failure);

// What goes on in a net between forward and the end of update (or a failure).
struct NetWatch {
  std::atomic<int> steps_inside = 0;
  std::atomic<int> phases_inside = 0;
  std::atomic<int> violations = 0;  // a second batch, or a phase beside another
  std::atomic<int> calls = 0;       // of `run`, all phases
};

// Decorates a program so that `watch` sees every phase. A step ends when its update or any failure
// completes, before the caller is told.
std::unique_ptr<Program> make_watched_program(std::unique_ptr<Program> inner,
                                              std::shared_ptr<NetWatch> watch);

}  // namespace sluice::test
