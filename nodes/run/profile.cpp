#include "nodes/run/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "graph/account/verdict.h"
#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/run_folder.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kClasses = 1000;  // where the recipe names no number

int class_number(const io::Recipe& recipe) {
  const std::int64_t given = recipe.integer("net.classes");
  return given > 0 ? static_cast<int>(given) : kClasses;
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

// The net that is trained, when the pipeline goes that far.
struct Trainee {
  Net net;
  std::optional<NetState> state;
  std::unique_ptr<Backend> stand_in;
  std::unique_ptr<Program> program;
  std::size_t bytes = 0;
};

ProgramOptions trainee_options(const io::Recipe& recipe) {
  return {.batch = static_cast<int>(recipe.integer("train.batch")),
          .purpose = Purpose::training,
          .rule = update_rule(recipe),
          .precision = precision(recipe)};
}

// Of states and programs in all.
NetMemory net_memory(Trainee& trainee, const io::Recipe& recipe, Machine& machine) {
  const StepDivision division = step_division(recipe);
  Backend& backend = trainee.stand_in ? *trainee.stand_in : *machine.backend;
  const auto bytes_for = [&, division](int rows) {
    std::size_t bytes = trainee.state->bytes();
    machine.arena->run([&] {
      bytes += compile_divided(backend, trainee.net, *trainee.state, trainee_options(recipe),
                               {.replicas = division.replicas, .micro_batch = rows})
                   ->bytes();
    });
    return bytes;
  };
  const int batch = trainee_options(recipe).batch / division.replicas;
  return {.bytes = trainee.bytes,
          .taken = trainee.state->bytes() * static_cast<std::size_t>(division.replicas),
          .rows = division.micro_batch > 0 ? std::min(division.micro_batch, batch) : batch,
          .bytes_for = bytes_for,
          .flags = {"--batch", "--micro-batch"}};
}

void build_trainee(Trainee& trainee, const io::Recipe& recipe, const ProfileRequest& request,
                   Machine& machine) {
  Backend* backend = machine.backend.get();
  if (request.assume_step_ms) {
    trainee.stand_in =
        make_waiting_backend(std::chrono::duration<double, std::milli>(*request.assume_step_ms));
    backend = trainee.stand_in.get();
    // A stand-in touches no weights.
    for (Layer& layer : trainee.net.layers)
      layer.start = {.weights = Start::Weights::normal, .deviation = 0.0};
  }
  const bool trains = !request.assume_step_ms;
  check_parameter_memory(machine, trainee.net, trains ? NetUse::training : NetUse::evaluation,
                         trains ? step_division(recipe).replicas : 1);
  machine.arena->run([&] {
    trainee.state.emplace(trainee.net, static_cast<std::uint64_t>(recipe.integer("seed")));
    trainee.program = compile_divided(*backend, trainee.net, *trainee.state,
                                      trainee_options(recipe), step_division(recipe));
  });
  trainee.bytes = trainee.state->bytes() + trainee.program->bytes();
}

graph::BatchStream add_training(graph::BatchStream stream, Last last, const StepContext& step) {
  if (last == Last::collate) return stream;
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
  void look(const graph::Batch& batch);
  void announce();
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const io::Recipe& recipe_;
  const ProfileRequest& request_;
  const Listener& listener_;
  io::Dataset data_;
  Trainee trainee_;
  Machine machine_;
  TrainingClock clock_;
  std::optional<io::RunFolder> folder_;
  BadFiles bad_;
  std::unique_ptr<graph::Pipeline> pipeline_;
  Clock::time_point start_;
  ProfileResult result_;
};

Profiling::Profiling(const io::Recipe& recipe, const ProfileRequest& request,
                     const Listener& listener)
    : recipe_(recipe),
      request_(request),
      listener_(listener),
      data_(io::open_unlabelled(recipe.text("data.path"))),
      trainee_{.net = make_net(recipe, class_number(recipe))},
      clock_{.seed = static_cast<std::uint64_t>(recipe.integer("seed")),
             .rate = recipe.real("train.rate")},
      bad_([this](const graph::BadItem& item) {
        if (folder_) folder_->add_bad_file(item.path, item.error);
      }) {
  graph::Chain chain = make_chain(recipe.augment, neutral_statistics(recipe));
  const Until until = find_end(request.until, chain);
  if (until.last >= Last::collate)
    check_chain_ends_at(recipe.augment, trainee_.net.side, image_extent(data_));
  chain.resize(until.chain_nodes);
  machine_ = open_machine(recipe);
  if (until.last >= Last::forward) build_trainee(trainee_, recipe, request, machine_);
  check_total_memory(machine_,
                     trainee_.program ? net_memory(trainee_, recipe, machine_) : NetMemory{});
  build_pipeline(std::move(chain), until.last);
  if (!request.out.empty()) folder_.emplace(request.out);
  announce();
}

void Profiling::build_pipeline(graph::Chain chain, Last last) {
  auto images = image_source(data_, recipe_) | std::move(chain);
  const bool keeps_rows = last >= Last::collate;
  auto stream = keeps_rows ? std::move(images) | Collate{trainee_.net.side, trainee_.net.channels}
                           : std::move(images) | Discard{};
  if (keeps_rows) {
    const StepContext step{.program = trainee_.program.get(),
                           .clock = &clock_,
                           .place = request_.assume_step_ms ? "waiting" : "cpu"};
    stream = add_training(std::move(stream), last, step);
  }
  pipeline_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, pipeline_options(recipe_, machine_, machine_.preparation_bytes),
      std::move(stream) | Watch{[this](const graph::Batch& batch) { look(batch); }});
}

void Profiling::announce() {
  result_.announced_bytes = machine_.preparation_bytes + trainee_.bytes;
  listener_.tell(total_memory_text(machine_.preparation_bytes, trainee_.bytes));
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

ProfileResult Profiling::run(std::stop_token stop) {
  const std::stop_callback on_stop(std::move(stop), [this] { pipeline_->cancel(); });
  start_ = Clock::now();
  std::optional<Clock::time_point> end;
  if (request_.seconds) {
    end = start_ + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(*request_.seconds));
  }
  const auto count = static_cast<std::uint32_t>(data_.entries.size());
  const auto epochs = static_cast<std::uint32_t>(recipe_.integer("train.epochs"));
  for (std::uint32_t epoch = 0; epoch < epochs && !result_.interrupted; ++epoch) {
    if (end && Clock::now() >= *end) break;
    DataSource pass(data_, io::sample_order(count, clock_.seed, epoch), epoch);
    TimedSource source(pass, end);
    result_.interrupted = pipeline_->run(source) == graph::RunEnd::cancelled;
  }
  result_.seconds = seconds();
  result_.bad_files = bad_.files();
  result_.account = pipeline_->account();
  result_.account.verdict = graph::verdict(result_.account);
  machine_.ledger->close_over_process(result_.account);
  if (folder_) {
    io::write_nodes_json(folder_->path() / "nodes.json", result_.account, described_machine());
  }
  return std::move(result_);
}

}  // namespace

ProfileResult profile(const io::Recipe& recipe, const ProfileRequest& request,
                      const Listener& listener, std::stop_token stop) {
  require(!recipe.text("data.path").empty(), "no data given; name a folder with --data DIR");
  return Profiling(recipe, request, listener).run(std::move(stop));
}

}  // namespace sluice::nodes
