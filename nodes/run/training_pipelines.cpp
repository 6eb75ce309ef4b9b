// The pipelines of a run: its branch of the training images', validation, second derivatives.
#include <utility>

#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/curvature.h"
#include "nodes/dump_step.h"
#include "nodes/mix.h"
#include "nodes/run/image_source.h"
#include "nodes/run/setup.h"
#include "nodes/run/training.h"
#include "nodes/upload.h"
#include "nodes/watch.h"

namespace sluice::nodes {
namespace {

// Of a node behind which somebody looks at the net.
StepContext looked_at(StepContext step, Phase phase) {
  step.last = phase;
  return step;
}

}  // namespace

void Training::build_reports() {
  bad_.emplace([this](const graph::BadItem& item) { folder_->add_bad_file(item.path, item.error); },
               now_.bad_files);
  report_.emplace(now_, *folder_, *tensorboard_, *bad_, listener_);
  report_->set_name(place_.name);
}

graph::PipelineOptions Training::options() const {
  graph::PipelineOptions options = pipeline_options(recipe_, machine_, shares().training);
  options.row_memory = trainer_->row_memory();
  if (place_.trace) options.trace = place_.trace->into("");
  return options;
}

graph::Chain Training::chain() const {
  return make_chain(training_chain(recipe_), statistics_.values);
}

graph::BatchStream Training::rows(graph::ImageStream images, graph::Chain chain) {
  if (full_) return full_batches(std::move(images), std::move(chain), *full_, row_sizes_);
  const Mixtures ways = mixtures(recipe_);
  const RowPlan plan = dump_ ? float_rows(*trainer_, "a dump shows pixels")
                             : plan_mixed_rows(chain, *trainer_, ways);
  if (!plan.text.empty()) listener_.tell(plan.text);
  return uploaded(mixed(collated(std::move(images), std::move(chain), plan, net_), ways,
                        {.seed = clock_.seed, .side = net_.side, .channels = net_.channels}),
                  *trainer_);
}

graph::BatchStream Training::branch(graph::ImageStream images, graph::Chain chain) {
  const StepContext step{.program = trainer_.get(), .clock = &clock_};
  if (place_.trace) place_.trace->record(*trainer_);
  graph::BatchStream batches = rows(std::move(images), std::move(chain));
  batches.name = place_.name;
  return all_of_step(std::move(batches), step) | Keep{[this](const graph::Batch& batch) {
           if (checkpoints_) checkpoints_->after_update(std::int64_t{batch.step} + 1);
         }} |
         Watch{[this](const graph::Batch& batch) {
           report_->add(batch);
           if (checkpoints_) checkpoints_->after_report(now_.step);
         }};
}

void Training::build_validation(const MemoryShares& shares) {
  if (!tester_) return;
  accuracy_.emplace(class_count(net_));
  graph::Chain chain = make_chain(evaluation_chain(recipe_), statistics_.values);
  const RowPlan rows = plan_rows(chain, *tester_);
  graph::PipelineOptions options = pipeline_options(recipe_, machine_, shares.validation);
  options.row_memory = tester_->row_memory();
  if (place_.trace) options.trace = place_.trace->into(prefix() + "validation/");
  if (place_.trace) place_.trace->record(*tester_);
  validation_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, options,
      uploaded(collated(image_source(data_.val, recipe_), std::move(chain), rows, net_), *tester_) |
          Evaluate{{.program = tester_.get(), .clock = &clock_}} |
          Watch{[this](const graph::Batch& batch) {
            bad_->note(batch);
            accuracy_->add(batch);
            validation_progress_.images += batch.count;
            listener_.show(validation_progress_);
          }});
}

// Forward to update, with looks between them where the step is dumped.
graph::BatchStream Training::all_of_step(graph::BatchStream stream, const StepContext& step) {
  if (!dump_) return std::move(stream) | Forward{step} | Backward{step} | UpdateWithin{{step}};
  return std::move(stream) | Forward{looked_at(step, Phase::forward)} |
         DumpBefore{{[this](const graph::Batch& batch) {
           dump_->before(batch, step_input(batch, clock_));
         }}} |
         Backward{looked_at(step, Phase::backward)} |
         DumpGradients{{[this](const graph::Batch& batch) { dump_->after_backward(batch); }}} |
         UpdateWithin{{step}} |
         DumpAfter{{[this](const graph::Batch& batch) { dump_->after_update(batch); }}};
}

// Training images with their labels, as the net sees them in training.
void Training::build_curvature(const MemoryShares& shares) {
  if (!curvature_program_) return;
  graph::PipelineOptions options = pipeline_options(recipe_, machine_, shares.validation);
  options.batch = static_cast<int>(recipe_.integer("train.curvature_images"));
  if (place_.trace) options.trace = place_.trace->into(prefix() + "curvature/");
  curvature_ = std::make_unique<graph::Pipeline>(
      *machine_.arena, options,
      image_source(data_.train, recipe_) | make_chain(recipe_.augment, statistics_.values) |
          Collate{net_.side, net_.channels} |
          Curvature{{.program = curvature_program_.get(), .clock = &clock_}} |
          Watch{[this](const graph::Batch& batch) { bad_->note(batch); }});
}

}  // namespace sluice::nodes
