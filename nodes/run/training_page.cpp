// What a training run shows to people: sample pictures, its page.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "io/report/chart.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/training.h"

namespace sluice::nodes {
namespace {

constexpr std::size_t kMostEpochs = 1000;  // of a table and a curve
constexpr std::size_t kMostPoints = 1000;  // of a curve: more than a page has pixels

}  // namespace

void Training::show_samples() {
  if (idle_ && has_page()) return;
  samples_ = samples_of(data_.train, recipe_, statistics_.values, listener_);
  if (idle_) return;
  tensorboard_->add_recipe(recipe_.to_toml());
  tensorboard_->add_samples(samples_);
}

bool Training::has_page() const {
  std::error_code none;
  return std::filesystem::exists(folder_->file("report.html"), none);
}

// A process that found nothing left to do has nothing to tell instead of the one that did it.
void Training::write_page() const {
  if (idle_ && has_page()) return;
  io::ReportPage page = page_of(recipe_, "train");
  if (!failure_.empty()) {
    page.ended = fmt::format("failed after step {}: {}", now_.step, failure_);
  } else if (result_.end == graph::RunEnd::cancelled) {
    page.ended = fmt::format("interrupted after step {}; --resume goes on from there", now_.step);
  }
  page.account = result_.account;
  page.timeline = result_.timeline;
  page.steps = io::read_step_curve(folder_->file("steps.csv"), kMostPoints);
  for (const std::size_t i : io::report::spread(now_.epochs.size(), kMostEpochs))
    page.epochs.push_back(now_.epochs[i]);
  if (!page.epochs.empty() && page.epochs.back().val_top1)
    page.accuracy = {{.name = "validation top-1", .share = *page.epochs.back().val_top1}};
  page.samples = samples_;
  if (state_) page.filters = filters_of_run(net_, *state_, listener_);
  page.confusion = confusion_;
  page.confusion_of = fmt::format("Validation images, epoch {}.", confusion_epoch_);
  io::write_report_page(folder_->file("report.html"), page);
}

}  // namespace sluice::nodes
