#include "nodes/run/train.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "graph/account/verdict.h"
#include "io/dataset.h"
#include "io/run_folder.h"
#include "io/sample_order.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/read_file.h"
#include "nodes/run/accounts.h"
#include "nodes/run/accuracy.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "nodes/run/training_report.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/error.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Everything of a run that outlives an epoch. Built in the order of its members.
class Training {
 public:
  Training(const io::Recipe& recipe, const std::filesystem::path& out, const Listener& listener,
           const std::stop_token& stop);
  TrainResult run();

 private:
  void build_statistics(const std::filesystem::path& out);
  void build_programs();
  void build_pipelines();
  void announce() const;

  graph::RunEnd train_epoch(std::uint32_t epoch);
  graph::RunEnd validate(EpochResult& result);
  void finish_epoch(EpochResult result, Clock::time_point start);
  std::filesystem::path save(const std::string& name) const;
  void close(graph::RunEnd end);

  io::Recipe recipe_;
  const Listener& listener_;
  std::stop_token stop_;
  RateSpec rates_;
  io::Split data_;
  Net net_;
  Machine machine_;
  std::optional<io::RunFolder> folder_;
  MeasuredStatistics statistics_;
  std::optional<NetState> state_;
  std::unique_ptr<Program> trainer_;
  std::unique_ptr<Program> tester_;
  TrainingClock clock_;
  std::optional<BadFiles> bad_;
  std::optional<TrainingReport> report_;
  std::optional<Accuracy> accuracy_;
  Progress validation_progress_;
  std::unique_ptr<graph::Pipeline> training_;
  std::unique_ptr<graph::Pipeline> validation_;
  ScheduleState schedule_;
  double best_top1_ = -1.0;
  TrainResult result_;
};

Training::Training(const io::Recipe& recipe, const std::filesystem::path& out,
                   const Listener& listener, const std::stop_token& stop)
    : recipe_(recipe),
      listener_(listener),
      stop_(stop),
      rates_(rate_spec(recipe)),
      data_(open_data(recipe)),
      net_(make_net(recipe, recipe.integer("net.classes") > 0
                                ? static_cast<int>(recipe.integer("net.classes"))
                                : static_cast<int>(data_.train.classes.size()))),
      machine_(open_machine(recipe)) {
  const int classes = class_count(net_);
  require(classes >= static_cast<int>(data_.train.classes.size()),
          "net.classes = {} is less than the data's {} classes", classes,
          data_.train.classes.size());
  require(!data_.val.entries.empty() || !std::holds_alternative<PlateauRate>(rates_),
          "train.schedule = \"plateau\" needs validation images; add val/, --val-fraction, or take "
          "--schedule constant");
  check_chain(recipe_);
  check_chain_ends_at(recipe_.augment, net_.side);
  recipe_.set("net.classes", std::to_string(classes));
  schedule_ = start_schedule(rates_, recipe_.real("train.rate"));
  clock_ = {.seed = static_cast<std::uint64_t>(recipe_.integer("seed")),
            .step = 0,
            .rate = schedule_.rate};
  build_programs();
  folder_.emplace(out);
  build_statistics(out);
  build_pipelines();
  folder_->write_recipe(recipe_.to_toml());
  announce();
}

void Training::build_programs() {
  const int batch = static_cast<int>(recipe_.integer("train.batch"));
  const SgdRule sgd{.momentum = recipe_.real("train.momentum"),
                    .decay = recipe_.real("train.decay")};
  machine_.arena->run([&] {
    state_.emplace(net_, clock_.seed);
    trainer_ = machine_.backend->compile(
        net_, *state_, {.batch = batch, .purpose = Purpose::training, .sgd = sgd, .keep = {}});
    if (data_.val.entries.empty()) return;
    tester_ = machine_.backend->compile(
        net_, *state_, {.batch = batch, .purpose = Purpose::evaluation, .sgd = sgd, .keep = {}});
  });
  const std::size_t net_bytes =
      state_->bytes() + trainer_->bytes() + (tester_ ? tester_->bytes() : 0);
  check_total_memory(machine_.preparation_bytes, net_bytes);
  listener_.tell(total_memory_text(machine_.preparation_bytes, net_bytes));
}

void Training::build_statistics(const std::filesystem::path& out) {
  const std::string& given = recipe_.text("data.cache");
  const std::filesystem::path cache =
      given.empty()
          ? std::filesystem::absolute(out).lexically_normal().parent_path() / ".sluice-cache"
          : std::filesystem::path(given);
  statistics_ = training_statistics(recipe_, data_.train, cache, machine_, listener_, stop_);
}

void Training::build_pipelines() {
  const MemoryShares shares = share_memory(machine_.preparation_bytes);
  bad_.emplace(
      [this](const graph::BadItem& item) { folder_->add_bad_file(item.path, item.error); });
  report_.emplace(*folder_, *bad_, listener_);
  const StepContext step{.program = trainer_.get(), .clock = &clock_};
  training_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, pipeline_options(recipe_, machine_, shares.training),
      graph::files(ReadFile{data_.train.root}) | make_decoder(recipe_) |
          make_chain(recipe_.augment, statistics_.values) | Collate{net_.side} | Forward{step} |
          Backward{step} | Update{step} |
          Watch{[this](const graph::Batch& batch) { report_->add(batch); }});
  if (!tester_) return;
  accuracy_.emplace(class_count(net_));
  validation_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, pipeline_options(recipe_, machine_, shares.validation),
      graph::files(ReadFile{data_.val.root}) | make_decoder(recipe_) |
          make_chain(evaluation_chain(recipe_.augment), statistics_.values) | Collate{net_.side} |
          Evaluate{{.program = tester_.get(), .clock = &clock_}} |
          Watch{[this](const graph::Batch& batch) {
            bad_->note(batch);
            accuracy_->add(batch);
            validation_progress_.images += batch.count;
            listener_.show(validation_progress_);
          }});
}

void Training::announce() const {
  listener_.tell(fmt::format("data: {} images to train on, {} to validate, {} classes",
                             data_.train.entries.size(), data_.val.entries.size(),
                             data_.train.classes.size()));
  listener_.tell(fmt::format("net: {} {} with {} parameters on {}, {} threads", net_.name,
                             net_.variant, parameter_count(net_), machine_.backend->name(),
                             machine_.arena->threads()));
  listener_.tell(fmt::format("training pipeline: {}", training_->memory().text()));
  if (validation_)
    listener_.tell(fmt::format("validation pipeline: {}", validation_->memory().text()));
}

graph::RunEnd Training::train_epoch(std::uint32_t epoch) {
  const auto count = static_cast<std::uint32_t>(data_.train.entries.size());
  const std::int64_t steps = recipe_.integer("train.steps");
  const std::int64_t steps_left = steps - clock_.step;
  const std::size_t limit =
      steps == 0 ? 0 : static_cast<std::size_t>(steps_left * recipe_.integer("train.batch"));
  const std::int64_t images =
      limit == 0 ? count : std::min<std::int64_t>(count, static_cast<std::int64_t>(limit));
  clock_.rate = schedule_.rate;
  bad_->start_epoch(images, recipe_.real("data.max_bad"));
  report_->start_epoch(epoch, images);
  DataSource source(data_.train, io::sample_order(count, clock_.seed, epoch), epoch, limit);
  return training_->run(source);
}

graph::RunEnd Training::validate(EpochResult& result) {
  if (!validation_) return graph::RunEnd::completed;
  const auto count = static_cast<std::uint32_t>(data_.val.entries.size());
  accuracy_.emplace(class_count(net_));
  validation_progress_ = {.phase = "validate", .epoch = result.epoch, .images_all = count};
  DataSource source(data_.val, io::in_order(count), result.epoch);
  const graph::RunEnd end = validation_->run(source);
  if (end == graph::RunEnd::cancelled) return end;
  result.validated = true;
  result.top1 = accuracy_->top1();
  result.top5 = accuracy_->top5();
  result.per_class = accuracy_->per_class();
  return end;
}

std::filesystem::path Training::save(const std::string& name) const {
  const std::filesystem::path file = folder_->path() / name;
  io::write_weights(file, net_, *state_,
                    {.net = net_.name,
                     .variant = net_.variant,
                     .classes = data_.train.classes,
                     .input_chain = io::chain_to_toml(evaluation_chain(recipe_.augment)),
                     .statistics = statistics_.values,
                     .recipe = recipe_.to_toml()});
  return file;
}

void Training::finish_epoch(EpochResult result, Clock::time_point start) {
  if (report_->images() == 0) {
    fail(ErrorKind::run, "epoch {}: none of its images could be used; the reasons stand in {}",
         result.epoch + 1, folder_->file("bad_files.tsv").string());
  }
  result.train_loss = report_->loss();
  result.seconds = seconds_since(start);
  io::EpochRow row{.epoch = result.epoch + 1,
                   .train_loss = result.train_loss,
                   .val_top1 = {},
                   .val_top5 = {},
                   .val_per_class = {},
                   .seconds = result.seconds};
  if (result.validated) {
    row.val_top1 = result.top1;
    row.val_top5 = result.top5;
    row.val_per_class = result.per_class;
  }
  folder_->add_epoch(row);
  if (result.validated && result.top1 > best_top1_) {
    best_top1_ = result.top1;
    result_.best = save("best.safetensors");
  }
  listener_.tell(
      result.validated
          ? fmt::format("epoch {}: loss {:.4f}, validation top-1 {:.2f} %, top-5 {:.2f} %, "
                        "per class {:.3f}, {:.0f} s",
                        result.epoch + 1, result.train_loss, 100 * result.top1, 100 * result.top5,
                        result.per_class, result.seconds)
          : fmt::format("epoch {}: loss {:.4f}, {:.0f} s", result.epoch + 1, result.train_loss,
                        result.seconds));
  schedule_ = next_epoch(rates_, schedule_, static_cast<int>(result.epoch), result.top1);
  result_.epochs.push_back(result);
}

void Training::close(graph::RunEnd end) {
  result_.end = end;
  result_.run = folder_->path();
  result_.bad_files = bad_->files();
  result_.account = training_->account();
  result_.account.verdict = graph::verdict(result_.account);
  if (validation_) add_account(result_.account, validation_->account(), "validation/");
  if (statistics_.account) add_account(result_.account, *statistics_.account, "statistics/");
  machine_.ledger->close_over_process(result_.account);
  io::write_nodes_json(folder_->path() / "nodes.json", result_.account, described_machine());
}

TrainResult Training::run() {
  const std::stop_callback on_stop(stop_, [this] {
    training_->cancel();
    if (validation_) validation_->cancel();
  });
  const auto epochs = static_cast<std::uint32_t>(recipe_.integer("train.epochs"));
  const std::int64_t steps = recipe_.integer("train.steps");
  graph::RunEnd end = graph::RunEnd::completed;
  try {
    for (std::uint32_t epoch = 0; epoch < epochs && !schedule_.finished; ++epoch) {
      if (steps > 0 && clock_.step >= steps) break;
      const auto start = Clock::now();
      EpochResult result{.epoch = epoch};
      end = train_epoch(epoch);
      if (end == graph::RunEnd::completed) end = validate(result);
      if (end == graph::RunEnd::cancelled) break;
      finish_epoch(result, start);
    }
  } catch (...) {
    try {
      close(graph::RunEnd::cancelled);  // the account of what went wrong
    } catch (const Error& second) {     // a disk that is full refuses it too
      listener_.tell(second.what());
    }
    throw;
  }
  result_.weights = save("weights.safetensors");
  close(end);
  return std::move(result_);
}

}  // namespace

TrainResult train(const io::Recipe& recipe, const std::filesystem::path& out,
                  const Listener& listener, std::stop_token stop) {
  return Training(recipe, out, listener, stop).run();
}

}  // namespace sluice::nodes
