#include "nodes/run/training_report.h"

#include <cmath>

#include "runtime/error.h"

namespace sluice::nodes {

void TrainingReport::start_epoch(std::int64_t images) {
  progress_ = {
      .phase = "train", .epoch = state_.epoch, .images = state_.epoch_images, .images_all = images};
  last_ = Clock::now();
}

double TrainingReport::loss() const {
  return state_.epoch_good == 0 ? 0.0 : state_.epoch_loss / static_cast<double>(state_.epoch_good);
}

void TrainingReport::add(const graph::Batch& batch) {
  bad_.add(batch);
  double sum = 0.0;
  std::int64_t good = 0;
  for (std::size_t row = 0; row < batch.row_weights.size(); ++row) {
    if (batch.row_weights[row] == 0.0F) continue;
    sum += static_cast<double>(batch.row_losses[row]);
    ++good;
  }
  if (!std::isfinite(sum)) {
    fail(ErrorKind::run,
         "{}the loss is no longer a number at step {} (epoch {}); lower train.rate, now {}",
         name_.empty() ? std::string() : name_ + ": ", batch.step + 1, batch.epoch + 1, batch.rate);
  }
  state_.step = std::int64_t{batch.step} + 1;
  state_.schedule.rate = batch.rate;
  state_.run_images += batch.count;
  state_.epoch_images += batch.count;
  state_.epoch_good += good;
  state_.epoch_loss += sum;
  state_.epoch_bad = bad_.epoch().bad;
  state_.first_bad = bad_.epoch().first;
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  progress_.images += batch.count;
  if (good > 0) progress_.loss = sum / static_cast<double>(good);
  progress_.learning_rate = batch.rate;
  progress_.images_per_second = seconds > 0 ? batch.count / seconds : 0.0;
  const io::StepRow row{.step = state_.step,
                        .epoch = std::int64_t{batch.epoch} + 1,
                        .images = state_.run_images,
                        .loss = good > 0 ? std::optional(progress_.loss) : std::nullopt,
                        .learning_rate = batch.rate,
                        .images_per_second = progress_.images_per_second};
  folder_.add_step(row);
  tensorboard_.add_step(row);
  listener_.show(progress_);
}

}  // namespace sluice::nodes
