#include "nodes/run/bad_files.h"

#include <fmt/format.h>

#include "runtime/error.h"

namespace sluice::nodes {

void BadFiles::start_epoch(std::int64_t images, double max_bad) {
  epoch_images_ = images;
  epoch_bad_ = 0;
  max_bad_ = max_bad;
  first_.clear();
}

void BadFiles::note(const graph::Batch& batch) {
  for (const graph::BadItem& item : batch.bad) {
    if (seen_.insert(item.path).second) write_(item);
  }
}

void BadFiles::add(const graph::Batch& batch) {
  note(batch);
  if (batch.bad.empty()) return;
  if (first_.empty()) {
    first_ = fmt::format("{}: {}", batch.bad.front().path, batch.bad.front().error.message);
  }
  epoch_bad_ += static_cast<std::int64_t>(batch.bad.size());
  if (static_cast<double>(epoch_bad_) > max_bad_ * static_cast<double>(epoch_images_)) {
    fail(ErrorKind::run,
         "{} of the epoch's {} files are bad, more than --max-bad {} allows; the first: {}",
         epoch_bad_, epoch_images_, max_bad_, first_);
  }
}

}  // namespace sluice::nodes
