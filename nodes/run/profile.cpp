#include "nodes/run/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "graph/account/closes.h"
#include "graph/account/prediction.h"
#include "graph/account/verdict.h"
#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/run_folder.h"
#include "io/text.h"
#include "io/timeline_json.h"
#include "io/trace_json.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/curvature.h"
#include "nodes/data_source.h"
#include "nodes/mix.h"
#include "nodes/run/account_watch.h"
#include "nodes/run/accounts.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/full_training.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/recipe_checks.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_facts.h"
#include "nodes/run/run_trace.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "nodes/run/trainee.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "runtime/arena.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;

// The usual data's, but for the images: those of the data at hand.
Net checked_for(const io::Recipe& recipe, const io::Dataset& data) {
  require(
      recipe.text("run.dump").empty() || !recipe.says("run.dump"),
      "run.dump = \"{}\": profile takes all labels as 0 and dumps no steps; valid: train --dump",
      io::one_line(recipe.text("run.dump")));
  DataFacts facts = usual_data(recipe);
  facts.extent = image_extent(data);
  return checked_net(recipe, facts);
}

// Ends a pass when its time is over.
class TimedSource final : public graph::Source {
 public:
  TimedSource(graph::Source& images, std::optional<Clock::time_point> end)
      : images_(images), end_(end) {}
  std::optional<graph::SourceItem> next() override {
    if (end_ && Clock::now() >= *end_) return std::nullopt;
    return images_.next();
  }

 private:
  graph::Source& images_;
  std::optional<Clock::time_point> end_;
};

enum class Last { decode, chain, collate, forward, backward, update };

// How far the pipeline goes.
struct Until {
  Last last = Last::update;
  std::size_t chain_nodes = 0;  // of the chain, when last is `chain`
};

Until find_end(const std::string& name, const graph::Chain& chain) {
  if (name.empty() || name == "update") return {Last::update, chain.size()};
  if (name == "backward") return {Last::backward, chain.size()};
  if (name == "forward") return {Last::forward, chain.size()};
  if (name == "collate") return {Last::collate, chain.size()};
  if (name == "decode") return {Last::decode, 0};
  std::string valid = "decode";
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i]->name() == name) return {Last::chain, i + 1};
    valid += ", " + chain[i]->name();
  }
  fail(ErrorKind::usage,
       "--until '{}' is no node of this pipeline; valid: {}, collate, forward, "
       "backward, update",
       name, valid);
}

graph::BatchStream add_training(graph::BatchStream stream, Last last, const StepContext& step) {
  // A pipeline that ends inside the step gives the token back where it ends.
  if (last == Last::forward) return std::move(stream) | Evaluate{step};
  stream = std::move(stream) | Forward{step};
  if (last == Last::backward) return std::move(stream) | LastBackward{{step}};
  return std::move(stream) | Backward{step} | Update{step};
}

// Everything of one profile, in the order of its members.
class Profiling {
 public:
  Profiling(const io::Recipe& recipe, const ProfileRequest& request, const Listener& listener);
  ProfileResult run(std::stop_token stop);

 private:
  void build_pipeline(graph::Chain chain, Last last);
  graph::BatchStream batches(graph::ImageStream images, graph::Chain chain, Last last);
  graph::BatchStream program_rows(graph::ImageStream images, graph::Chain chain);
  std::size_t preparation() const;
  void check_preparation(Last last) const;
  void check_layers(Last last);
  void look_at_sizes();
  void build_curvature();
  void watch();
  void conclude();
  void close();
  void write_page() const;
  void run_passes(std::optional<Clock::time_point> end);
  void close_failed();
  bool run_pass(std::uint32_t epoch, std::optional<Clock::time_point> end);
  void look(const graph::Batch& batch);
  void announce();
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const io::Recipe& recipe_;
  const ProfileRequest& request_;
  const Listener& listener_;
  io::Dataset data_;
  Trainee trainee_;
  std::optional<FullView> full_;  // none: crops
  RowSizes row_sizes_;            // of full views, in the pass
  EpochPlan plan_;                // of the pass
  Machine machine_;
  TrainingClock clock_;
  std::optional<io::RunFolder> folder_;
  BadFiles bad_;
  std::optional<RunTrace> trace_;
  std::unique_ptr<graph::Pipeline> pipeline_;
  std::unique_ptr<graph::Pipeline> curvature_;
  Clock::time_point start_;
  ProfileResult result_;
  std::string failure_;  // what ended it; empty: nothing did
  std::optional<AccountWatch> watch_;
};

Profiling::Profiling(const io::Recipe& recipe, const ProfileRequest& request,
                     const Listener& listener)
    : recipe_(recipe),
      request_(request),
      listener_(listener),
      data_(io::open_unlabelled(recipe.text("data.path"))),
      trainee_{.net = checked_for(recipe, data_)},
      machine_(open_machine(
          recipe, {.data_bytes = data_bytes(data_), .cache = cache_folder(recipe, request.out)})),
      clock_{.seed = static_cast<std::uint64_t>(recipe.integer("seed")),
             .rate = recipe.real("train.rate")},
      bad_([this](const graph::BadItem& item) {
        if (folder_) folder_->add_bad_file(item.path, item.error);
      }) {
  require(!request.trace || !request.out.empty(),
          "--trace writes into a run folder; name one with --out DIR");
  check_starting_weights(recipe, trainee_.net);
  check_full_view(recipe, trainee_.net);
  graph::Chain chain = make_chain(training_chain(recipe), neutral_statistics(recipe));
  const Until until = find_end(request.until, chain);
  if (until.last >= Last::collate) look_at_sizes();
  chain.resize(until.chain_nodes);
  if (request.assume_step_ms) take_stand_in(trainee_, *request.assume_step_ms);
  trainee_.measures = until.last == Last::update && !trainee_.stand_in &&
                      std::holds_alternative<DiagonalLmRule>(update_rule(recipe));
  if (until.last >= Last::forward && !trainee_.stand_in) require_usable(machine_);
  check_layers(until.last);
  if (until.last >= Last::forward) build_trainee(trainee_, recipe, machine_);
  check_preparation(until.last);
  check_total_memory(machine_,
                     trainee_.program ? trainee_memory(trainee_, recipe, machine_) : NetMemory{});
  if (request.trace) trace_.emplace(*request.trace);
  build_pipeline(std::move(chain), until.last);
  build_curvature();
  if (!request.out.empty()) folder_.emplace(request.out);
  announce();
}

void Profiling::look_at_sizes() {
  if (!is_full_view(recipe_)) {
    check_chain_ends_at(recipe_.augment, trainee_.net.side, image_extent(data_));
    return;
  }
  if (!trainee_.stand_in) check_full_backend(recipe_, *machine_.backend);
  listener_.tell(full_view_begins(data_));
  full_.emplace(data_, recipe_, trainee_.net);
  trainee_.full = &*full_;
}

// Where second derivatives are measured, preparation is shared as in training.
std::size_t Profiling::preparation() const {
  const MemoryShares shares = share_memory(machine_.preparation_bytes);
  return trainee_.measures ? shares.training : machine_.preparation_bytes;
}

void Profiling::check_layers(Last last) {
  trainee_.layer_times = request_.layer_times;
  if (request_.layer_times == LayerTimes::off) return;
  require(last >= Last::forward,
          "--layers: this run ends before the net; valid: --until forward, backward or update");
  require(!trainee_.stand_in,
          "--layers: the stand-in of --assume-step-ms has none; valid: one of the two");
  check_layer_times(request_.layer_times, *machine_.backend);
  check_full_layers(recipe_, request_.layer_times);
}

void Profiling::check_preparation(Last last) const {
  if (last < Last::collate) return;
  check_preparation_memory(recipe_, machine_, trainee_.net,
                           {.images = static_cast<int>(recipe_.integer("train.batch")),
                            .memory = preparation(),
                            .program = trainee_.program.get(),
                            .row_pixels = full_ ? full_->largest().pixels() : 0});
  if (!trainee_.measures) return;
  check_preparation_memory(recipe_, machine_, trainee_.net,
                           {.images = curvature_images(recipe_),
                            .flag = "--curvature-images",
                            .memory = share_memory(machine_.preparation_bytes).validation,
                            .program = trainee_.curvature.get()});
}

// Measured as training does, on the first images of a pass.
void Profiling::build_curvature() {
  if (!trainee_.measures) return;
  graph::PipelineOptions options =
      pipeline_options(recipe_, machine_, share_memory(machine_.preparation_bytes).validation);
  options.batch = curvature_images(recipe_);
  if (trace_) options.trace = trace_->into("curvature/");
  curvature_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, options,
      image_source(data_, recipe_) | make_chain(recipe_.augment, neutral_statistics(recipe_)) |
          Collate{trainee_.net.side, trainee_.net.channels} |
          Curvature{{.program = trainee_.curvature.get(), .clock = &clock_}} |
          Watch{[](const graph::Batch&) {}});
}

// As far as `last`.
graph::BatchStream Profiling::batches(graph::ImageStream images, graph::Chain chain, Last last) {
  if (last < Last::collate) return std::move(images) | std::move(chain) | Discard{};
  if (last > Last::collate)
    return add_training(program_rows(std::move(images), std::move(chain)), last,
                        {.program = trainee_.program.get(),
                         .clock = &clock_,
                         .last = last == Last::backward ? Phase::backward : Phase::update});
  if (full_) return full_batches(std::move(images), std::move(chain), *full_, row_sizes_);
  return collated(std::move(images), std::move(chain), {}, trainee_.net);
}

// As the program takes them.
graph::BatchStream Profiling::program_rows(graph::ImageStream images, graph::Chain chain) {
  if (full_) return full_batches(std::move(images), std::move(chain), *full_, row_sizes_);
  const Net& net = trainee_.net;
  const Mixtures ways = mixtures(recipe_);
  const RowPlan rows = plan_mixed_rows(chain, *trainee_.program, ways);
  if (!rows.text.empty()) listener_.tell(rows.text);
  return uploaded(mixed(collated(std::move(images), std::move(chain), rows, net), ways,
                        {.seed = clock_.seed, .side = net.side, .channels = net.channels}),
                  *trainee_.program);
}

void Profiling::build_pipeline(graph::Chain chain, Last last) {
  graph::PipelineOptions options = pipeline_options(recipe_, machine_, preparation());
  auto images = image_source(data_, recipe_);
  if (trainee_.program) options.row_memory = trainee_.program->row_memory();
  if (trace_) options.trace = trace_->into("");
  if (trace_ && trainee_.program) trace_->record(*trainee_.program);
  graph::BatchStream stream = batches(std::move(images), std::move(chain), last) |
                              Watch{[this](const graph::Batch& batch) { look(batch); }};
  if (request_.around) request_.around(stream);
  pipeline_ = std::make_unique<graph::Pipeline>(*machine_.arena, options, std::move(stream));
}

void Profiling::announce() {
  result_.announced_bytes = total_memory(machine_, trainee_.bytes);
  listener_.tell(total_memory_text(machine_, trainee_.bytes));
  tell_backend(recipe_, machine_, listener_);
  if (full_) listener_.tell(full_view_text(*full_));
  listener_.tell(fmt::format("pipeline: {}", pipeline_->memory().text()));
  if (folder_) folder_->write_recipe(recipe_.to_toml());
}

void Profiling::look(const graph::Batch& batch) {
  bad_.note(batch);
  result_.files += batch.count;
  listener_.show({.phase = "profile",
                  .images = result_.files,
                  .images_per_second = static_cast<double>(result_.files) / seconds()});
}

// Whether it came to its end.
bool Profiling::run_pass(std::uint32_t epoch, std::optional<Clock::time_point> end) {
  const auto count = static_cast<std::uint32_t>(data_.entries.size());
  if (full_) row_sizes_ = full_->sizes_in(epoch);
  plan_ = plan_epoch(recipe_, epoch, count, full_ ? &row_sizes_ : nullptr);
  if (curvature_) {
    const std::size_t images =
        std::min<std::size_t>(static_cast<std::size_t>(curvature_images(recipe_)), count);
    DataSource first(data_, plan_.order, epoch, {.begin = 0, .end = images});
    if (curvature_->run(first) == graph::RunEnd::cancelled) return false;
  }
  DataSource pass(data_, plan_.order, epoch, {}, plan_.begins);
  TimedSource source(pass, end);
  return pipeline_->run(source) == graph::RunEnd::completed;
}

ProfileResult Profiling::run(std::stop_token stop) {
  const std::stop_callback on_stop(std::move(stop), [this] {
    pipeline_->cancel();
    if (curvature_) curvature_->cancel();
  });
  start_ = Clock::now();
  watch();
  std::optional<Clock::time_point> end;
  if (request_.seconds) {
    end = start_ + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(*request_.seconds));
  }
  try {
    run_passes(end);
  } catch (...) {
    failure_ = current_failure();
    close_failed();
    throw;
  }
  close();
  return std::move(result_);
}

void Profiling::run_passes(std::optional<Clock::time_point> end) {
  const auto epochs = static_cast<std::uint32_t>(recipe_.integer("train.epochs"));
  for (std::uint32_t epoch = 0; epoch < epochs && !result_.interrupted; ++epoch) {
    if (end && Clock::now() >= *end) break;
    result_.interrupted = !run_pass(epoch, end);
  }
}

// The account of what went wrong; what fails here too is not the cause.
void Profiling::close_failed() {
  try {
    close();
  } catch (const std::exception& second) {
    listener_.tell(second.what());
  }
}

void Profiling::watch() {
  std::vector<Watched> watched{{.pipeline = pipeline_.get(), .program = trainee_.program.get()}};
  if (curvature_) watched.push_back({.pipeline = curvature_.get(), .prefix = "curvature/"});
  watch_.emplace(std::move(watched),
                 WatchOptions{.ledger = machine_.ledger.get(), .look = listener_.look});
}

// Of the training pipeline alone.
void Profiling::conclude() {
  AccountRecord& account = result_.account;
  account.cores = available_threads();
  const StepOn step = trainee_.stand_in ? StepOn::stand_in : StepOn::real_program;
  graph::RunFacts facts = run_facts(recipe_, machine_, *pipeline_, step);
  if (full_) facts.batch = plan_.images_a_batch();
  account.verdict = graph::verdict(account, result_.timeline, facts);
  const Rate& rate = account.verdict.rate;
  const bool known = !account.verdict.resource.empty() || rate.error > 0.0;
  if (known) account.predictions = graph::predict_threads(account, rate, request_.predict_threads);
  if (!known && !request_.predict_threads.empty())
    listener_.warn("--predict-threads: too short a run to predict from");
}

void Profiling::close() {
  result_.seconds = seconds();
  result_.timeline = watch_->finish();
  result_.bad_files = bad_.files();
  result_.account = pipeline_->account();
  conclude();
  if (trainee_.program) {
    add_device(result_.account, *trainee_.program);
    result_.account.layers = trainee_.program->layers();
  }
  if (curvature_) add_account(result_.account, curvature_->account(), "curvature/");
  machine_.ledger->close_over_process(result_.account);
  result_.account.overheads.push_back({"sampling", watch_->cpu_seconds()});
  result_.account.verdict.text += graph::gap_words(result_.account);
  if (folder_) {
    io::write_nodes_json(folder_->path() / "nodes.json", result_.account, described_machine());
    io::write_timeline_json(folder_->path() / "timeline.json", result_.timeline);
    if (trace_) {
      io::write_trace_json(folder_->path() / "trace.json",
                           trace_->trace(watch_->watched(), result_.timeline, watch_->begun_ns()));
    }
    write_page();
  }
}

void Profiling::write_page() const {
  io::ReportPage page = page_of(recipe_, "profile");
  page.ended = failure_;
  if (result_.interrupted) page.ended = fmt::format("interrupted after {} files", result_.files);
  page.account = result_.account;
  page.timeline = result_.timeline;
  page.samples = samples_of(data_, recipe_, neutral_statistics(recipe_), listener_);
  io::write_report_page(folder_->path() / "report.html", page);
}

}  // namespace

ProfileResult profile(const io::Recipe& recipe, const ProfileRequest& request,
                      const Listener& listener, std::stop_token stop) {
  require(!recipe.text("data.path").empty(), "no data given; name a folder with --data DIR");
  return Profiling(recipe, request, listener).run(std::move(stop));
}

}  // namespace sluice::nodes
