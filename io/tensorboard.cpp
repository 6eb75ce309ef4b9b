#include "io/tensorboard.h"

#include <fmt/format.h>

#include <vector>

#include "io/text.h"

namespace sluice::io {

bool step_is_written(std::int64_t step) {
  std::int64_t stride = 1;
  for (std::int64_t end = 1000; step > end; end *= 2) stride *= 2;
  return step % stride == 0;
}

EventFile& TensorboardLog::file() {
  if (file_) return *file_;
  file_.emplace(folder_);
  file_->add_start(done_ + 1);
  return *file_;
}

void TensorboardLog::add_step(const StepRow& row) {
  if (!step_is_written(row.step)) return;
  std::vector<Scalar> scalars;
  if (row.loss) scalars.push_back({"train/loss", *row.loss});
  scalars.push_back({"train/learning_rate", row.learning_rate});
  scalars.push_back({"train/images_per_second", row.images_per_second});
  file().add_scalars(row.step, scalars);
}

void TensorboardLog::add_epoch(const EpochRow& row, std::int64_t step) {
  std::vector<Scalar> scalars = {{"epoch/train_loss", row.train_loss},
                                 {"epoch/seconds", row.seconds}};
  if (row.val_top1) scalars.push_back({"validation/top1", 100 * *row.val_top1});
  if (row.val_top5) scalars.push_back({"validation/top5", 100 * *row.val_top5});
  if (row.val_per_class) scalars.push_back({"validation/per_class", 100 * *row.val_per_class});
  file().add_scalars(step, scalars);
  sync();
}

void TensorboardLog::add_recipe(std::string_view toml) {
  // Markdown takes indented lines as they are, whatever stands in them.
  std::string text = "    ";
  for (const char c : is_utf8(toml) ? std::string(toml) : percent_encoded(toml)) {
    text += c;
    if (c == '\n') text += "    ";
  }
  file().add_text(done_, "recipe", text);
}

void TensorboardLog::add_samples(std::span<const Sample> samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t s = 0; s < samples[i].stages.size(); ++s) {
      const SampleStage& stage = samples[i].stages[s];
      const std::string tag =
          fmt::format("sample {}/{} {}", i + 1, s + 1, percent_encoded(stage.node));
      file().add_image(done_, tag, stage.shown, stage.jpeg);
    }
  }
}

void TensorboardLog::sync() {
  if (file_) file_->sync();
}

}  // namespace sluice::io
