// Runs that are trained side by side: one pipeline of the training images, a branch each. One run
// alone is a group of one.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "graph/pipeline.h"
#include "io/recipe.h"
#include "nodes/run/account_watch.h"
#include "nodes/run/listener.h"
#include "nodes/run/run_trace.h"
#include "nodes/run/train.h"
#include "nodes/run/training.h"

namespace sluice::nodes {

// One run of a group. Refers to recipe and listener.
struct TrainingTask {
  const io::Recipe& recipe;
  RunStart start;
  const Listener& listener;
  std::string name;  // in front of its rows in the account; empty where it is alone
};

// Reads and decodes each image once, runs once what the chains begin with in common, and trains
// every net on its own rows of the same batches: each run's folder, weights and draws are those
// that it would have alone. One after the other each net is validated when the epoch is over. Ends
// when the first of the runs is over: TrainResult::over says of the others that they are not.
//
// The account is of the process, the same in every folder: rows of what is a run's own have its
// name in front. By the main thread.
class TrainingGroup {
 public:
  // Several recipes must be such as check_together takes (together.h), and stand at one step.
  // `listener`: who looks at the account. Throws like train(), before the first batch.
  TrainingGroup(std::vector<TrainingTask> tasks, const Listener& listener, std::stop_token stop);

  // As train(), results in the tasks' order. Once.
  std::vector<TrainResult> run();

 private:
  void build_pipeline();
  void watch();
  void cancel() noexcept;
  bool goes_on() const;
  graph::RunEnd run_epoch();
  graph::RunEnd train_part();
  void close(graph::RunEnd end);
  void close_failed();
  AccountRecord whole_account(const Timeline& timeline);
  void write_trace(const Timeline& timeline);

  const Listener& listener_;
  std::stop_token stop_;
  std::optional<RunTrace> trace_;
  std::optional<Machine> machine_;
  std::vector<std::unique_ptr<Training>> trainings_;
  std::unique_ptr<graph::Pipeline> pipeline_;
  bool closed_ = false;
  std::optional<AccountWatch> watch_;  // last: it looks at the pipelines
};

}  // namespace sluice::nodes
