#include "runtime/collective/in_process.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <utility>

#include "runtime/arena.h"
#include "runtime/error.h"

namespace sluice {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 14;  // floats

// In the order of ranks, whoever came first.
void sum_in_place(std::span<const std::span<float>> parts) {
  const auto sum_range = [&](const tbb::blocked_range<std::size_t>& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      float sum = parts[0][i];
      for (std::size_t rank = 1; rank < parts.size(); ++rank) sum += parts[rank][i];
      for (const std::span<float>& part : parts) part[i] = sum;
    }
  };
  run_isolated([&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, parts[0].size(), kPiece), sum_range);
  });
}

}  // namespace

InProcessCollective::InProcessCollective(int world)
    : calls_(static_cast<std::size_t>(std::max(world, 0))) {
  require(world > 0, "a collective of {} replicas; valid: 1 or more", world);
}

// All parts where this was the last, none before.
std::vector<InProcessCollective::Part> InProcessCollective::arrive(int rank, Part part) {
  const std::lock_guard lock(mutex_);
  const std::size_t index = calls_[static_cast<std::size_t>(rank)]++ - closed_;
  while (open_.size() <= index) open_.push_back({std::vector<Part>(calls_.size()), 0});
  Exchange& exchange = open_[index];
  exchange.parts[static_cast<std::size_t>(rank)] = std::move(part);
  if (++exchange.arrived < world()) return {};
  // Each rank's calls come one after the other, so every older exchange has been completed.
  std::vector<Part> all = std::move(exchange.parts);
  open_.pop_front();
  ++closed_;
  return all;
}

void InProcessCollective::all_reduce(int rank, std::span<float> values,
                                     std::function<void(std::exception_ptr)> done) {
  require(rank >= 0 && rank < world(), "rank {} is outside a collective of {} replicas", rank,
          world());
  const std::vector<Part> all = arrive(rank, {values, std::move(done)});
  if (all.empty()) return;
  std::vector<std::span<float>> parts;
  for (const Part& part : all) parts.push_back(part.values);
  std::exception_ptr failure;
  try {
    for (const std::span<float>& part : parts) {
      require(part.size() == parts[0].size(),
              "replicas exchange {} and {} values, they must be as many", parts[0].size(),
              part.size());
    }
    sum_in_place(parts);
  } catch (...) {
    failure = std::current_exception();
  }
  for (const Part& part : all) part.done(failure);
}

}  // namespace sluice
