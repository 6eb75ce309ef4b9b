#include "nodes/run/bad_files.h"

#include <fmt/format.h>

#include "runtime/error.h"

namespace sluice::nodes {

void BadFiles::note(const graph::Batch& batch) {
  for (const graph::BadItem& item : batch.bad) {
    if (seen_.insert(item.path).second) write_(item);
  }
}

void BadFiles::add(const graph::Batch& batch) {
  note(batch);
  if (batch.bad.empty()) return;
  if (epoch_.first.empty()) {
    epoch_.first = fmt::format("{}: {}", batch.bad.front().path, batch.bad.front().error.message);
  }
  epoch_.bad += static_cast<std::int64_t>(batch.bad.size());
  if (static_cast<double>(epoch_.bad) > epoch_.max_bad * static_cast<double>(epoch_.images)) {
    fail(ErrorKind::run,
         "{} of the epoch's {} files are bad, more than --max-bad {} allows; the first: {}",
         epoch_.bad, epoch_.images, epoch_.max_bad, epoch_.first);
  }
}

}  // namespace sluice::nodes
