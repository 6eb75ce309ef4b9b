#include "nodes/run/account_watch.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "nodes/run/accounts.h"
#include "runtime/process_usage.h"

namespace sluice::nodes {
namespace {

std::int64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::vector<std::string> names_of(const std::vector<Watched>& watched) {
  std::vector<std::string> names;
  for (const Watched& part : watched) {
    for (const NodeRecord& node : part.pipeline->snapshot().nodes)
      names.push_back(part.prefix + node.name);
  }
  return names;
}

double device_seconds(const Program& program) {
  const auto times = program.device_times();
  return times ? times->forward_seconds + times->backward_seconds + times->update_seconds : 0.0;
}

}  // namespace

AccountRecord account_of(const std::vector<Watched>& watched) {
  AccountRecord whole;
  for (const Watched& part : watched) {
    AccountRecord account = part.pipeline->snapshot();
    if (part.program != nullptr) add_device(account, *part.program);
    add_account(whole, account, part.prefix);
  }
  return whole;
}

AccountWatch::AccountWatch(std::vector<Watched> watched, WatchOptions options)
    : watched_(std::move(watched)), options_(std::move(options)) {
  timeline_ = {.nodes = names_of(watched_),
               .interval_seconds = options_.interval_seconds,
               .moments = {moment()}};
  thread_ = std::jthread([this](const std::stop_token& end) { work(end); });
}

Moment AccountWatch::moment() const {
  Moment now{.seconds = std::chrono::duration<double>(Clock::now() - begun_).count(),
             .nodes = {},
             .in_flight = {},
             .cpu_seconds_process = static_cast<double>(process_cpu_ns()) * 1e-9};
  for (const Watched& part : watched_) {
    const std::vector<NodeMoment> nodes = part.pipeline->moments();
    now.nodes.insert(now.nodes.end(), nodes.begin(), nodes.end());
    const InFlight flight = part.pipeline->in_flight();
    now.in_flight.file_bytes += flight.file_bytes;
    now.in_flight.image_bytes += flight.image_bytes;
    now.in_flight.slots_busy += flight.slots_busy;
    if (part.program != nullptr) now.device_seconds += device_seconds(*part.program);
  }
  return now;
}

void AccountWatch::look() {
  AccountRecord now = account_of(watched_);
  if (options_.ledger != nullptr) options_.ledger->close_over_process(now);
  now.overheads.push_back({"sampling", cpu_seconds()});
  options_.look(now, timeline_);
}

void AccountWatch::work(const std::stop_token& end) {
  const auto after = [](Clock::time_point time, double seconds) {
    return time +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  };
  Clock::time_point next_moment = after(begun_, timeline_.interval_seconds);
  Clock::time_point next_look =
      options_.look ? after(begun_, options_.look_seconds) : Clock::time_point::max();
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    ended_.wait_until(lock, end, std::min(next_moment, next_look), [] { return false; });
    if (end.stop_requested()) break;
    const Clock::time_point now = Clock::now();
    try {
      if (now >= next_moment) add_moment(timeline_, moment(), options_.moments);
      if (now >= next_look) look();
    } catch (...) {  // out of memory, say: the run goes on unwatched
      break;
    }
    if (now >= next_moment) next_moment = after(now, timeline_.interval_seconds);
    if (now >= next_look) next_look = after(now, options_.look_seconds);
    cpu_ns_ = thread_cpu_ns();
  }
  cpu_ns_ = thread_cpu_ns();
}

const Timeline& AccountWatch::finish() {
  if (std::exchange(finished_, true)) return timeline_;
  thread_.request_stop();
  thread_.join();
  try {
    add_moment(timeline_, moment(), options_.moments);
  } catch (...) {  // also while another failure goes up: the last moment is missing, no more
  }
  return timeline_;
}

}  // namespace sluice::nodes
