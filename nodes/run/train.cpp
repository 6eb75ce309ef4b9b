#include "nodes/run/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/account/closes.h"
#include "graph/account/verdict.h"
#include "io/nodes_json.h"
#include "io/sample_order.h"
#include "io/timeline_json.h"
#include "io/trace_json.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/data_source.h"
#include "nodes/run/accounts.h"
#include "nodes/run/learning.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_facts.h"
#include "nodes/run/setup.h"
#include "nodes/run/training.h"
#include "nodes/run/training_group.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::string epoch_words(const io::EpochRow& row) {
  std::string text = fmt::format("epoch {}: loss {:.4f}", row.epoch, row.train_loss);
  if (row.val_top1) {
    text += fmt::format(", validation top-1 {:.2f} %, top-5 {:.2f} %, per class {:.3f}",
                        100 * *row.val_top1, 100 * *row.val_top5, *row.val_per_class);
  }
  return text + fmt::format(", {:.0f} s", row.seconds);
}

}  // namespace

bool Training::over() const {
  const std::int64_t steps = recipe_.integer("train.steps");
  return now_.schedule.finished || now_.epoch >= recipe_.integer("train.epochs") ||
         (steps > 0 && now_.step >= steps && now_.epoch_images == 0);
}

double Training::epoch_seconds() const {
  return now_.epoch_seconds + std::chrono::duration<double>(Clock::now() - epoch_begun_).count();
}

// On the first images of the epoch's order, before it begins: a run that is resumed inside an epoch
// has them in its velocities.
graph::RunEnd Training::measure_curvature() {
  if (!curvature_ || now_.epoch_images > 0) return graph::RunEnd::completed;
  const auto count = static_cast<std::uint32_t>(data_.train.entries.size());
  const auto images = static_cast<std::size_t>(recipe_.integer("train.curvature_images"));
  DataSource source(data_.train, io::sample_order(count, clock_.seed, now_.epoch), now_.epoch,
                    {.begin = 0, .end = std::min<std::size_t>(images, count)});
  return curvature_->run(source);
}

// A schedule that is amended inside an epoch holds from the next one on.
std::int64_t Training::first_step_of_epoch() const {
  return now_.step - plan_.batches_before(now_.epoch_images);
}

EpochPart Training::part() const {
  const auto count = static_cast<std::int64_t>(data_.train.entries.size());
  const std::int64_t steps = recipe_.integer("train.steps");
  const std::int64_t begin = now_.epoch_images;
  return {.epoch = now_.epoch,
          .begin = begin,
          .end = steps == 0 ? count : plan_.place_behind(begin, steps - now_.step)};
}

graph::RunEnd Training::begin_part(const EpochPart& part) {
  clock_.rate = now_.schedule.rate;
  clock_.own_rates = own_rates(rate_spec(recipe_.amended_before(first_step_of_epoch())),
                               static_cast<int>(now_.epoch), learning_layers(net_));
  bad_->start_epoch({.images = part.end,
                     .max_bad = recipe_.real("data.max_bad"),
                     .bad = now_.epoch_bad,
                     .first = now_.first_bad});
  report_->start_epoch(part.end);
  return measure_curvature();
}

graph::RunEnd Training::validate(io::EpochRow& row) {
  if (!validation_) return graph::RunEnd::completed;
  const auto count = static_cast<std::uint32_t>(data_.val.entries.size());
  accuracy_.emplace(class_count(net_));
  validation_progress_ = {.phase = "validate", .epoch = now_.epoch, .images_all = count};
  DataSource source(data_.val, io::in_order(count), now_.epoch);
  const graph::RunEnd end = validation_->run(source);
  if (end == graph::RunEnd::cancelled) return end;
  row.val_top1 = accuracy_->top1();
  row.val_top5 = accuracy_->top5();
  row.val_per_class = accuracy_->per_class();
  confusion_ = confusion_of(*accuracy_, data_.train.classes);
  confusion_epoch_ = row.epoch;
  return end;
}

io::WeightsInfo Training::weights_info() const {
  return {.net = net_.name,
          .variant = net_.variant,
          .classes = data_.train.classes,
          .input_chain = io::chain_to_toml(evaluation_chain(recipe_)),
          .statistics = statistics_.values,
          .recipe = recipe_.to_toml()};
}

std::filesystem::path Training::save(const std::string& name) const {
  const std::filesystem::path file = folder_->path() / name;
  io::write_weights(file, net_, *state_, weights_info());
  return file;
}

io::Checkpoint Training::checkpoint_now() const {
  io::Checkpoint checkpoint{.weights = weights_info(),
                            .state = now_,
                            .data = identity_,
                            .backend = std::string(machine_.backend->name()),
                            .threads = machine_.arena->threads()};
  checkpoint.state.epoch_seconds = now_.epoch_images == 0 ? 0.0 : epoch_seconds();
  checkpoint.state.bad_files = bad_->paths();
  checkpoint.state.tables = folder_->table_bytes();
  return checkpoint;
}

void Training::finish_epoch(io::EpochRow row) {
  if (now_.epoch_good == 0) {
    fail(ErrorKind::run, "epoch {}: none of its images could be used; the reasons stand in {}",
         row.epoch, folder_->file("bad_files.tsv").string());
  }
  const bool cut = now_.epoch_images < identity_.train_images;
  if (cut) before_cut_ = checkpoint_now();
  row.train_loss = report_->loss();
  row.seconds = epoch_seconds();
  folder_->add_epoch(row);
  // Of a cut epoch behind its last step: a run that goes on from there voids it, and writes the
  // epoch's own.
  tensorboard_->add_epoch(row, cut ? now_.step + 1 : now_.step);
  // A run that goes on from before the cut must find the best of whole epochs.
  const bool best = cut ? now_.best_top1 < 0 : row.val_top1.value_or(-1.0) > now_.best_top1;
  if (row.val_top1 && best) {
    now_.best_top1 = *row.val_top1;
    save("best.safetensors");
  }
  listener_.tell(epoch_words(row));
  now_.schedule =
      next_epoch(rate_spec(recipe_.amended_before(now_.step)), now_.schedule,
                 {.epoch = static_cast<int>(now_.epoch), .val_top1 = row.val_top1.value_or(0.0)});
  now_.epochs.push_back(row);
  ++now_.epoch;
  now_.epoch_images = now_.epoch_good = now_.epoch_bad = 0;
  now_.epoch_loss = now_.epoch_seconds = 0.0;
  now_.first_bad.clear();
  epoch_begun_ = Clock::now();
  revive_schedule();
  if (!over()) make_plan();
}

// A schedule that has ended the run goes on where an amendment of this very step says so, as when
// the papers' authors divided the rate by hand after a plateau.
void Training::revive_schedule() {
  const bool amended = std::any_of(recipe_.amendments.begin(), recipe_.amendments.end(),
                                   [&](const io::Amendment& a) { return a.step == now_.step; });
  if (!now_.schedule.finished || !amended) return;
  now_.schedule.finished = false;
  now_.schedule.epochs_since_best = 0;
}

std::string Training::why_over() const {
  return now_.schedule.finished
             ? "the schedule has ended the run; to go on: --amend train.rate=VALUE or another "
               "train.schedule"
             : "give more --epochs or --steps";
}

graph::RunEnd Training::end_epoch() {
  io::EpochRow row{.epoch = std::int64_t{now_.epoch} + 1};
  const graph::RunEnd end = validate(row);
  if (end == graph::RunEnd::completed) finish_epoch(row);
  return end;
}

void Training::cancel() noexcept {
  if (validation_) validation_->cancel();
  if (curvature_) curvature_->cancel();
}

// Weights before the checkpoint: where the disk takes only one of them, they are worth more.
void Training::finish() {
  result_.weights = save("weights.safetensors");
  if (now_.best_top1 >= 0) result_.best = folder_->file("best.safetensors");
  if (checkpoints_)
    checkpoints_->write_now(*machine_.arena, before_cut_ ? *before_cut_ : checkpoint_now());
}

void Training::note_failure(const std::string& why) {
  failure_ = why;
  if (checkpoints_) checkpoints_->settle();
}

std::vector<Watched> Training::watched() const {
  std::vector<Watched> all;
  if (validation_)
    all.push_back({.pipeline = validation_.get(),
                   .prefix = prefix() + "validation/",
                   .program = tester_.get()});
  if (curvature_) all.push_back({.pipeline = curvature_.get(), .prefix = prefix() + "curvature/"});
  return all;
}

void Training::add_to(AccountRecord& account) const {
  add_device(account, *trainer_);
  for (const LayerRecord& layer : trainer_->layers()) account.layers.push_back(layer);
  if (validation_) {
    AccountRecord validation = validation_->account();
    add_device(validation, *tester_);
    add_account(account, validation, prefix() + "validation/");
  }
  if (curvature_) add_account(account, curvature_->account(), prefix() + "curvature/");
  if (statistics_.account) add_account(account, *statistics_.account, prefix() + "statistics/");
}

void Training::close(graph::RunEnd end, const AccountRecord& account, const Timeline& timeline) {
  result_.end = end;
  result_.run = folder_->path();
  result_.epochs = now_.epochs;
  result_.bad_files = bad_->files();
  result_.over = over();
  result_.account = account;
  result_.timeline = timeline;
  if (!idle_) {
    io::write_nodes_json(folder_->file("nodes.json"), account, described_machine());
    io::write_timeline_json(folder_->file("timeline.json"), timeline);
  }
  write_page();
  tensorboard_->sync();
}

TrainResult train(const io::Recipe& recipe, RunStart start, const Listener& listener,
                  std::stop_token stop) {
  std::vector<TrainingTask> one;
  one.push_back({.recipe = recipe, .start = std::move(start), .listener = listener, .name = {}});
  return std::move(TrainingGroup(std::move(one), listener, std::move(stop)).run().front());
}

}  // namespace sluice::nodes
