#include "nodes/run/training_group.h"

#include <algorithm>
#include <utility>

#include "graph/account/closes.h"
#include "graph/account/verdict.h"
#include "io/trace_json.h"
#include "nodes/data_source.h"
#include "nodes/run/image_source.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_facts.h"
#include "nodes/shared_chain.h"
#include "runtime/error.h"

namespace sluice::nodes {

TrainingGroup::TrainingGroup(std::vector<TrainingTask> tasks, const Listener& listener,
                             std::stop_token stop)
    : listener_(listener), stop_(std::move(stop)) {
  if (const auto spans = tasks.front().start.trace) trace_.emplace(*spans);
  for (TrainingTask& task : tasks) {
    const TrainingPlace place{.machine = machine_,
                              .trace = trace_ ? &*trace_ : nullptr,
                              .trainings = static_cast<int>(tasks.size()),
                              .name = task.name};
    trainings_.push_back(std::make_unique<Training>(task.recipe, std::move(task.start),
                                                    task.listener, stop_, place));
  }
  build_pipeline();
  for (const auto& training : trainings_) training->begin(pipeline_->memory());
}

// What all chains begin with is run in the trunk, by the first one's nodes.
void TrainingGroup::build_pipeline() {
  const Training& first = *trainings_.front();
  graph::ImageStream images = image_source(first.images(), first.recipe());
  std::vector<graph::BatchStream> streams;
  if (trainings_.size() == 1) {
    streams.push_back(trainings_.front()->branch(std::move(images), first.chain()));
  } else {
    std::vector<StatedChain> stated;
    for (const auto& training : trainings_) {
      require(!is_full_view(training->recipe()),
              "train.view = \"full\": nets side by side share images, and batches of one size "
              "differ; valid: one after the other, or train.view = \"crop\"");
      require(!training->uploads(), "nets are trained side by side on the CPU; valid: {}",
              "run.backend = \"onednn\" or \"reference\"");
      stated.push_back(training->stated_chain());
    }
    const auto shared = static_cast<std::ptrdiff_t>(shared_stages(stated));
    graph::Chain trunk = first.chain();
    trunk.resize(static_cast<std::size_t>(shared));
    auto branches =
        graph::split(std::move(images) | std::move(trunk), static_cast<int>(trainings_.size()));
    for (std::size_t i = 0; i < trainings_.size(); ++i) {
      graph::Chain rest = trainings_[i]->chain();
      rest.erase(rest.begin(), rest.begin() + shared);
      streams.push_back(trainings_[i]->branch(std::move(branches[i]), std::move(rest)));
    }
  }
  pipeline_ =
      std::make_unique<graph::Pipeline>(*machine_->arena, first.options(), std::move(streams));
}

void TrainingGroup::watch() {
  std::vector<Watched> watched{{.pipeline = pipeline_.get()}};
  if (trainings_.size() == 1) watched.front().program = &trainings_.front()->program();
  for (const auto& training : trainings_)
    for (Watched& own : training->watched()) watched.push_back(std::move(own));
  watch_.emplace(std::move(watched),
                 WatchOptions{.ledger = machine_->ledger.get(), .look = listener_.look});
}

void TrainingGroup::cancel() noexcept {
  pipeline_->cancel();
  for (const auto& training : trainings_) training->cancel();
}

bool TrainingGroup::goes_on() const {
  return std::ranges::none_of(trainings_, [](const auto& training) { return training->over(); });
}

// Of several, those whose images of the epoch are trained already (a stop found them before they
// were validated, and others behind that) end it first.
graph::RunEnd TrainingGroup::run_epoch() {
  std::vector<Training*> now;
  for (const auto& training : trainings_)
    if (training->part().empty()) now.push_back(training.get());
  graph::RunEnd end = graph::RunEnd::completed;
  for (const auto& training : trainings_) training->begin_epoch();
  if (now.empty()) {
    for (const auto& training : trainings_) now.push_back(training.get());
    end = train_part();
  }
  for (Training* training : now)
    if (end == graph::RunEnd::completed) end = training->end_epoch();
  return end;
}

graph::RunEnd TrainingGroup::train_part() {
  const Training& first = *trainings_.front();
  const EpochPart part = first.part();
  for (const auto& training : trainings_) {
    if (training->part() != part)
      fail(ErrorKind::run, "{} and {} are not at the same step; train them one after the other",
           first.folder().string(), training->folder().string());
    if (training->begin_part(part) == graph::RunEnd::cancelled) return graph::RunEnd::cancelled;
  }
  DataSource source(
      first.images(), first.plan().order, part.epoch,
      {.begin = static_cast<std::size_t>(part.begin), .end = static_cast<std::size_t>(part.end)},
      first.plan().begins);
  return pipeline_->run(source);
}

AccountRecord TrainingGroup::whole_account(const Timeline& timeline) {
  AccountRecord account = pipeline_->account();
  account.cores = available_threads();
  const Training& first = *trainings_.front();
  graph::RunFacts facts = run_facts(first.recipe(), *machine_, *pipeline_);
  if (is_full_view(first.recipe())) facts.batch = first.plan().images_a_batch();
  account.verdict = graph::verdict(account, timeline, facts);
  for (const auto& training : trainings_) training->add_to(account);
  machine_->ledger->close_over_process(account);
  double checkpoints = 0.0;
  for (const auto& training : trainings_) checkpoints += training->checkpoint_seconds();
  if (checkpoints > 0.0) account.overheads.push_back({"checkpoints", checkpoints});
  account.overheads.push_back({"sampling", watch_->cpu_seconds()});
  account.verdict.text += graph::gap_words(account);
  return account;
}

void TrainingGroup::close(graph::RunEnd end) {
  closed_ = true;
  const Timeline& timeline = watch_->finish();
  const AccountRecord account = whole_account(timeline);
  for (const auto& training : trainings_) training->close(end, account, timeline);
  if (trace_) write_trace(timeline);
}

void TrainingGroup::write_trace(const Timeline& timeline) {
  const Trace trace = trace_->trace(watch_->watched(), timeline, watch_->begun_ns());
  for (const auto& training : trainings_)
    if (!training->idle()) io::write_trace_json(training->folder() / "trace.json", trace);
}

// The account of what went wrong; what fails here too (a disk that is full) is not the cause.
void TrainingGroup::close_failed() {
  const std::string failure = current_failure();
  for (const auto& training : trainings_) training->note_failure(failure);
  try {
    if (!closed_) close(graph::RunEnd::cancelled);
  } catch (const std::exception& second) {
    listener_.tell(second.what());
  }
}

std::vector<TrainResult> TrainingGroup::run() {
  const std::stop_callback on_stop(stop_, [this] { cancel(); });
  graph::RunEnd end = graph::RunEnd::completed;
  watch();
  try {
    for (const auto& training : trainings_) training->show_samples();
    while (end == graph::RunEnd::completed && goes_on()) end = run_epoch();
    for (const auto& training : trainings_) training->finish();
    close(end);
  } catch (...) {
    close_failed();
    throw;
  }
  std::vector<TrainResult> results;
  for (const auto& training : trainings_) results.push_back(training->result());
  return results;
}

}  // namespace sluice::nodes
