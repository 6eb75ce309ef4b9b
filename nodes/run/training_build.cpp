// What a run needs before its first batch.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "io/sample_order.h"
#include "io/text.h"
#include "nodes/augment_chain.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/setup.h"
#include "nodes/run/start_weights.h"
#include "nodes/run/training.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

int class_number(const io::Recipe& recipe, const io::Split& data) {
  const std::int64_t given = recipe.integer("net.classes");
  return static_cast<int>(given > 0 ? given : static_cast<std::int64_t>(data.train.classes.size()));
}

// Every schedule that the recipe and its amendments name.
void check_rates(const io::Recipe& recipe, std::span<const std::string> layers, bool validates) {
  const auto check = [&](const io::Recipe& amended) {
    const RateSpec rate = rate_spec(amended);
    start_schedule(rate, amended.real("train.rate"));  // throws what no schedule can do
    const std::vector<double> own = own_rates(rate, std::numeric_limits<int>::max(), layers);
    const bool any = std::ranges::any_of(own, [](double one) { return one > 0.0; });
    require(!any || amended.real("train.rate") > 0.0,
            "train.rate = 0 with rates of single layers in train.rate_log; valid: a rate above 0");
    require(
        validates || !std::holds_alternative<PlateauRate>(rate),
        "train.schedule = \"plateau\" needs validation images; add val/, --val-fraction, or take "
        "--schedule constant");
  };
  check(recipe.amended_before(0));
  for (const io::Amendment& amendment : recipe.amendments)
    check(recipe.amended_before(amendment.step + 1));
}

std::vector<RateChange> rate_changes(const io::Recipe& recipe) {
  std::vector<RateChange> changes;
  for (const io::Amendment& amendment : recipe.amendments) {
    if (amendment.key != "train.rate") continue;
    changes.push_back({amendment.step, std::get<double>(amendment.value)});
  }
  return changes;
}

}  // namespace

Training::Training(const io::Recipe& recipe, RunStart start, const Listener& listener,
                   const std::stop_token& stop)
    : recipe_(recipe),
      listener_(listener),
      stop_(stop),
      data_(open_data(recipe)),
      identity_(io::identity_of(data_)),
      net_(make_net(recipe, class_number(recipe, data_))),
      machine_(open_machine(recipe)),
      rhythm_(checkpoint_rhythm(recipe.text("run.checkpoint_every"))) {
  const int classes = class_count(net_);
  require(classes >= static_cast<int>(data_.train.classes.size()),
          "net.classes = {} is less than the data's {} classes", classes,
          data_.train.classes.size());
  check_rates(recipe_, learning_layers(net_), !data_.val.entries.empty());
  check_chain(recipe_);
  check_chain_ends_at(recipe_.augment, net_.side, image_extent(data_.train));
  recipe_.set("net.classes", std::to_string(classes));
  start_state(start.from);
  build_programs(start.from);
  open_folder(start);
  build_statistics(start);
  build_dump();
  build_pipelines();
  build_checkpoints();
  folder_->write_recipe(recipe_.to_toml());
  announce();
  if (start.from) announce_resumed(*start.from);
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
    trainer_ = compile_divided(*machine_.backend, net_, *state_, training, division);
    build_curvature_program(training);
    if (from && from->checkpoint) io::read_checkpoint_net(from->file, net_, *state_);
    if (data_.val.entries.empty()) return;
    tester_ =
        compile_divided(*machine_.backend, net_, *state_, program_options(Purpose::evaluation),
                        {.replicas = 1, .micro_batch = division.micro_batch});
  });
  const NetMemory memory = net_memory();
  check_total_memory(machine_, memory);
  listener_.tell(total_memory_text(machine_.preparation_bytes, memory.bytes));
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
  if (!start.from) {
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
  const std::string& given = recipe_.text("data.cache");
  const std::filesystem::path cache =
      given.empty()
          ? std::filesystem::absolute(start.out).lexically_normal().parent_path() / ".sluice-cache"
          : std::filesystem::path(given);
  statistics_ = training_statistics(recipe_, data_.train, cache, machine_, listener_, stop_);
}

void Training::build_dump() {
  const std::string& folder = recipe_.text("run.dump");
  if (folder.empty()) return;
  dump_.emplace(DumpRequest{.folder = folder,
                            .steps = recipe_.integer("run.dump_steps"),
                            .rule = rule_,
                            .recipe = recipe_.to_toml()},
                net_, *state_);
}

void Training::build_checkpoints() {
  if (rhythm_.never()) return;
  const auto keep = static_cast<std::size_t>(recipe_.integer("run.keep_checkpoints"));
  checkpoints_.emplace(rhythm_, std::make_unique<CheckpointWriter>(*folder_, net_, keep), *state_,
                       now_.step, [this] { return checkpoint_now(); });
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

void Training::announce_resumed(const ResumePoint& from) const {
  if (!from.checkpoint) {
    listener_.tell("no checkpoint yet: from step 0");
    return;
  }
  listener_.tell(fmt::format("resumed at step {} (epoch {}, {} of {} images) from {}", now_.step,
                             now_.epoch + 1, now_.epoch_images, identity_.train_images,
                             io::one_line(from.file.string())));
  if (from.checkpoint->threads != machine_.arena->threads()) {
    listener_.tell(
        fmt::format("threads: {}, were {}: the same batches with the same pixels, weights "
                    "equal up to rounding",
                    machine_.arena->threads(), from.checkpoint->threads));
  }
}

}  // namespace sluice::nodes
