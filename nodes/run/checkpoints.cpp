#include "nodes/run/checkpoints.h"

#include <charconv>
#include <exception>
#include <utility>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

double seconds_of(char unit) {
  switch (unit) {
    case 's':
      return 1.0;
    case 'm':
      return 60.0;
    case 'h':
      return 3600.0;
    default:
      return 0.0;
  }
}

}  // namespace

CheckpointRhythm checkpoint_rhythm(const std::string& text) {
  constexpr std::int64_t kMost = 1'000'000'000;
  std::int64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  const double unit = stop + 1 == end ? seconds_of(*stop) : 0.0;
  const bool valid = error == std::errc{} && number >= 0 && number <= kMost &&
                     (stop == end || (unit > 0.0 && number > 0));
  require(
      valid,
      "run.checkpoint_every = '{}' is not known; valid: steps (50), a time (30s, 10m, 2h), 0 for "
      "never",
      text);
  if (stop == end) return {.steps = number};
  return {.seconds = static_cast<double>(number) * unit};
}

Checkpoints::Checkpoints(CheckpointRhythm rhythm, std::unique_ptr<CheckpointWriter> writer,
                         const NetState& state, std::int64_t steps_done, Describe describe)
    : rhythm_(rhythm),
      state_(state),
      copy_(state),
      writer_(std::move(writer)),
      describe_(std::move(describe)) {
  plan_next(steps_done);
}

bool Checkpoints::due(std::int64_t steps) const {
  if (rhythm_.steps > 0) return steps >= next_step_;
  return Clock::now() >= next_time_;
}

void Checkpoints::plan_next(std::int64_t steps) {
  if (rhythm_.steps > 0) next_step_ = (steps / rhythm_.steps + 1) * rhythm_.steps;
  next_time_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(rhythm_.seconds));
}

void Checkpoints::after_update(std::int64_t steps) {
  // Asked every step, so that a disk that failed ends the run soon.
  if (!writer_->free() || taken_ != 0 || !due(steps)) return;
  copy_.take(state_);
  taken_ = steps;
}

void Checkpoints::after_report(std::int64_t steps) {
  if (taken_ != steps) return;
  writer_->write(copy_, describe_());
  plan_next(steps);
  taken_ = 0;  // last: from here on the next one may be taken
}

void Checkpoints::settle() noexcept {
  try {
    writer_->wait();
  } catch (const std::exception&) {  // the first cause is known
  }
}

void Checkpoints::write_now(Arena& arena, io::Checkpoint checkpoint) {
  writer_->wait();
  taken_ = 0;
  arena.run([this] { copy_.take(state_); });
  writer_->write(copy_, std::move(checkpoint));
  writer_->wait();
}

}  // namespace sluice::nodes
