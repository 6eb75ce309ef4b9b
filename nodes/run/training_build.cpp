// What a run needs before its first batch.
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "io/sample_order.h"
#include "io/text.h"
#include "nodes/augment_chain.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/recipe_checks.h"
#include "nodes/run/setup.h"
#include "nodes/run/start_weights.h"
#include "nodes/run/training.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::vector<RateChange> rate_changes(const io::Recipe& recipe) {
  std::vector<RateChange> changes;
  for (const io::Amendment& amendment : recipe.amendments) {
    if (amendment.key != "train.rate") continue;
    changes.push_back({amendment.step, std::get<double>(amendment.value)});
  }
  return changes;
}

// The first training of a process opens the machine for all.
Machine& opened(std::optional<Machine>& machine, const io::Recipe& recipe, const io::Split& data,
                const RunStart& start) {
  const std::size_t bytes = data_bytes(data.train) + data_bytes(data.val);
  if (machine) {
    machine->data_bytes += bytes;
  } else {
    machine.emplace(
        open_machine(recipe, {.data_bytes = bytes, .cache = cache_folder(recipe, start.out)}));
  }
  return *machine;
}

}  // namespace

Training::Training(const io::Recipe& recipe, RunStart start, const Listener& listener,
                   const std::stop_token& stop, const TrainingPlace& place)
    : place_(place),
      recipe_(recipe),
      listener_(listener),
      stop_(stop),
      layer_times_(start.layer_times),
      data_(open_data(recipe)),
      identity_(io::identity_of(data_)),
      net_(checked_training_net(recipe, facts_of(data_))),
      machine_(opened(place.machine, recipe, data_, start)),
      rhythm_(checkpoint_rhythm(recipe.text("run.checkpoint_every"))) {
  require_usable(machine_);
  check_layer_times(layer_times_, *machine_.backend);
  check_full_layers(recipe_, layer_times_);
  check_full_backend(recipe_, *machine_.backend);
  recipe_.set("net.classes", std::to_string(class_count(net_)));
  check_start_of_run(start);
  if (is_full_view(recipe_)) {
    listener_.tell(full_view_begins(data_.train));
    full_.emplace(data_.train, recipe_, net_);
  }
  start_state(start.from);
  build_programs(start.from);
  open_folder(start);
  build_statistics(start);
  build_dump();
  build_reports();
  build_curvature(shares());
  build_validation(shares());
  build_checkpoints();
  if (start.from) resumed_ = resumed_words(*start.from);
}

void Training::begin(const graph::MemoryPlan& memory) {
  folder_->write_recipe(recipe_.to_toml());
  for (std::optional<MadeFolder>* made : {&made_run_, &made_dump_})
    if (*made) (*made)->keep();
  announce(memory);
  for (const std::string& line : resumed_) listener_.tell(line);
  begin_epoch();
  revive_schedule();
  idle_ = over();
  if (idle_) {
    listener_.tell(fmt::format("nothing is left to do after step {}; {}", now_.step, why_over()));
  } else {
    folder_->set_older_account_aside();
  }
}

// Of several trainings each has its part.
MemoryShares Training::shares() const {
  const auto trainings = static_cast<std::size_t>(place_.trainings);
  const MemoryShares all = share_memory(machine_.preparation_bytes);
  return {.training = all.training, .validation = all.validation / trainings};
}

// What is wrong with this start, whatever the recipe's training; before anything is made.
void Training::check_start_of_run(const RunStart& start) const {
  const bool begun = start.from && start.from->recipe;
  if (!start.from || !start.from->checkpoint) check_starting_weights(recipe_, net_);
  const std::string& dump = recipe_.text("run.dump");
  const bool own_dump = begun && start.from->recipe->text("run.dump") == dump;
  if (!dump.empty() && !own_dump) check_dump_folder(dump);
}

// Before the net's memory: where slots are the limit, smaller pieces are no help.
void Training::check_slots() const {
  const auto images = [&](const char* key) { return static_cast<int>(recipe_.integer(key)); };
  PreparedBatches batches{.images = images("train.batch"),
                          .memory = shares().training / static_cast<std::size_t>(place_.trainings),
                          .program = trainer_.get(),
                          .row_pixels = full_ ? full_->largest().pixels() : 0};
  if (tester_) {  // of crops as large, and of a smaller share
    const PreparedBatches validated{
        .images = batches.images, .memory = shares().validation, .program = tester_.get()};
    check_preparation_memory(recipe_, machine_, net_, validated);
  }
  if (!tester_ || full_) check_preparation_memory(recipe_, machine_, net_, batches);
  if (curvature_program_)
    check_preparation_memory(recipe_, machine_, net_,
                             {.images = images("train.curvature_images"),
                              .flag = "--curvature-images",
                              .memory = shares().validation,
                              .program = curvature_program_.get()});
}

// For the epoch at hand.
void Training::make_plan() {
  if (full_) row_sizes_ = full_->sizes_in(now_.epoch);
  plan_ = plan_epoch(recipe_, now_.epoch, static_cast<std::uint32_t>(data_.train.entries.size()),
                     full_ ? &row_sizes_ : nullptr);
}

void Training::start_state(const std::optional<ResumePoint>& from) {
  if (from && from->checkpoint) {
    check_data(*from);
    now_ = from->checkpoint->state;
    result_.epochs = now_.epochs;
  } else {
    now_.schedule =
        start_schedule(rate_spec(recipe_.amended_before(0)), recipe_.real("train.rate"));
  }
  clock_ = {.seed = static_cast<std::uint64_t>(recipe_.integer("seed")),
            .step = static_cast<std::uint32_t>(now_.step),
            .rate = now_.schedule.rate,
            .changes = rate_changes(recipe_),
            .rate_by_step = rate_by_step(recipe_),
            .own_rates = {},
            .layer_rates = {}};
  make_plan();
}

void Training::check_data(const ResumePoint& from) const {
  const io::Checkpoint& was = *from.checkpoint;
  const std::string& path = recipe_.text("data.path");
  const std::string difference = io::identity_difference(was.data, identity_);
  require(
      difference.empty(),
      "{} is not the data that the run was trained on up to step {}: {}; resume with the data as "
      "they were, or give another --out",
      io::one_line(path), was.state.step, difference);
  if (was.data.times != identity_.times) {
    listener_.tell(
        fmt::format("{}: same names and sizes as at step {}, but files were written anew",
                    io::one_line(path), was.state.step));
  }
  require(was.state.epoch_images <= identity_.train_images,
          "{}: {} images of the epoch are done, the data have {}", from.file.string(),
          was.state.epoch_images, identity_.train_images);
  require(was.backend == machine_.backend->name(),
          "the run was computed by {}, here it is {}; valid: --backend {}",
          io::one_line(was.backend), machine_.backend->name(), io::one_line(was.backend));
}

void Training::build_programs(const std::optional<ResumePoint>& from) {
  rule_ = update_rule(recipe_);
  const StepDivision division = step_division(recipe_);
  const ProgramOptions training = program_options(Purpose::training);
  check_parameter_memory(machine_, net_, NetUse::training, division.replicas);
  machine_.arena->run([&] {
    state_.emplace(net_, clock_.seed);
    if (!from || !from->checkpoint) take_starting_weights();
    trainer_ = compile_trainer(training, division);
    build_curvature_program(training);
    if (from && from->checkpoint) io::read_checkpoint_net(from->file, net_, *state_);
    if (data_.val.entries.empty()) return;
    tester_ =
        compile_divided(*machine_.backend, net_, *state_, program_options(Purpose::evaluation),
                        {.replicas = 1, .micro_batch = division.micro_batch});
  });
  check_slots();
  const NetMemory memory = net_memory();
  check_total_memory(machine_, memory);
  listener_.tell(total_memory_text(machine_, memory.bytes));
  machine_.beside_bytes += memory.bytes;
  machine_.beside_taken += memory.taken;
  tell_backend(recipe_, machine_, listener_);
}

void Training::take_starting_weights() {
  const StartFrom start = start_from_recipe(recipe_);
  if (start.file.empty()) return;
  const std::vector<std::string> taken = start_from(start, net_, *state_);
  listener_.tell(fmt::format("started from {}: {}", io::one_line(start.file.string()),
                             fmt::join(taken, ", ")));
}

// Second derivatives are measured at the start of each epoch, on a batch of their own.
void Training::build_curvature_program(ProgramOptions options) {
  if (!std::holds_alternative<DiagonalLmRule>(rule_)) return;
  options.batch = static_cast<int>(recipe_.integer("train.curvature_images"));
  curvature_program_ = machine_.backend->compile(net_, *state_, options);
}

void Training::open_folder(RunStart& start) {
  tensorboard_.emplace(start.out / "tensorboard", now_.step);
  if (!start.from) {
    made_run_.emplace(start.out, io::RunFolder::tables());
    folder_.emplace(start.out);
    return;
  }
  set_aside_damaged(*start.from, listener_);
  io::make_checkpoint_folder(start.out);  // a disk that is away is known before a table is cut
  const auto tables = start.from->checkpoint ? std::optional(now_.tables) : std::nullopt;
  folder_.emplace(start.out, std::move(start.from->lock), tables);
}

void Training::build_statistics(const RunStart& start) {
  if (start.from && start.from->checkpoint) {
    statistics_.values = start.from->checkpoint->weights.statistics;
    return;
  }
  statistics_ = training_statistics(recipe_, data_.train, cache_folder(recipe_, start.out),
                                    machine_, listener_, stop_);
}

void Training::build_dump() {
  const std::string& folder = recipe_.text("run.dump");
  if (folder.empty()) return;
  made_dump_.emplace(folder, std::vector<std::string>{"net.txt"});
  dump_.emplace(DumpRequest{.folder = folder,
                            .steps = recipe_.integer("run.dump_steps"),
                            .rule = rule_,
                            .recipe = recipe_.to_toml()},
                net_, *state_, *trainer_);
}

void Training::build_checkpoints() {
  if (rhythm_.never()) return;
  const auto keep = static_cast<std::size_t>(recipe_.integer("run.keep_checkpoints"));
  checkpoints_.emplace(rhythm_, std::make_unique<CheckpointWriter>(*folder_, net_, keep), *state_,
                       now_.step, [this] { return checkpoint_now(); });
}

void Training::announce(const graph::MemoryPlan& memory) const {
  listener_.tell(fmt::format("data: {} images to train on, {} to validate, {} classes",
                             data_.train.entries.size(), data_.val.entries.size(),
                             data_.train.classes.size()));
  listener_.tell(fmt::format("net: {} {} with {} parameters on {}, {} threads", net_.name,
                             net_.variant, parameter_count(net_), machine_.backend->name(),
                             machine_.arena->threads()));
  listener_.tell(fmt::format("training pipeline: {}", memory.text()));
  if (full_)
    listener_.tell(fmt::format("{}, {} batches in epoch {}", full_view_text(*full_),
                               plan_.begins.size(), now_.epoch + 1));
  if (validation_)
    listener_.tell(fmt::format("validation pipeline: {}", validation_->memory().text()));
}

std::vector<std::string> Training::resumed_words(const ResumePoint& from) const {
  if (!from.checkpoint) return {"no checkpoint yet: from step 0"};
  std::vector<std::string> lines{fmt::format(
      "resumed at step {} (epoch {}, {} of {} images) from {}", now_.step, now_.epoch + 1,
      now_.epoch_images, identity_.train_images, io::one_line(from.file.string()))};
  if (from.checkpoint->threads != machine_.arena->threads()) {
    lines.push_back(
        fmt::format("threads: {}, were {}: the same batches with the same pixels, weights "
                    "equal up to rounding",
                    machine_.arena->threads(), from.checkpoint->threads));
  }
  return lines;
}

}  // namespace sluice::nodes
