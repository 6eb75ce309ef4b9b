#include "runtime/backend/cudnn/cuda/tuning.h"

#include <algorithm>
#include <exception>
#include <limits>

#include "runtime/backend/cudnn/cuda/handles.h"

namespace sluice::cudnn::cuda {
namespace {

constexpr int kRuns = 3;  // the shortest counts

// Milliseconds of the shortest run after one that warms up.
float shortest(const Candidates& candidates, std::size_t candidate, cudaStream_t stream,
               std::byte* workspace) {
  const Event begin = make_event();
  const Event end = make_event();
  float best = std::numeric_limits<float>::max();
  candidates.enqueue(candidate, stream, workspace);
  for (int run = 0; run < kRuns; ++run) {
    float time = 0.0F;
    check(cudaEventRecord(begin.get(), stream), "timing a trial");
    candidates.enqueue(candidate, stream, workspace);
    check(cudaEventRecord(end.get(), stream), "timing a trial");
    check(cudaEventSynchronize(end.get()), "waiting for a trial");
    check(cudaEventElapsedTime(&time, begin.get(), end.get()), "timing a trial");
    best = std::min(best, time);
  }
  return best;
}

}  // namespace

std::size_t fastest(const Candidates& candidates, cudaStream_t stream, std::byte* workspace) {
  std::size_t best = 0;
  float best_time = std::numeric_limits<float>::max();
  std::exception_ptr failure;
  for (std::size_t candidate = 0; candidate < candidates.count(); ++candidate) {
    try {
      const float time = shortest(candidates, candidate, stream, workspace);
      if (time >= best_time) continue;
      best = candidate;
      best_time = time;
    } catch (const Error&) {
      failure = std::current_exception();  // some plans fail only when they run
    }
  }
  if (best_time == std::numeric_limits<float>::max() && failure != nullptr) {
    std::rethrow_exception(failure);
  }
  return best;
}

std::size_t most_workspace(const Candidates& candidates) {
  std::size_t most = 0;
  for (std::size_t candidate = 0; candidate < candidates.count(); ++candidate) {
    most = std::max(most, candidates.workspace(candidate));
  }
  return most;
}

}  // namespace sluice::cudnn::cuda
