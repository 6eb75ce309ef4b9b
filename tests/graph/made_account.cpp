#include "tests/graph/made_account.h"

#include <algorithm>

namespace sluice::test {
namespace {

constexpr double kSeconds = 10.0;

NodeRecord record(const char* name, const char* unit, Lane lane) {
  const std::int64_t items = std::string_view(unit) == "image" ? 1000 : 10;
  return {.name = name,
          .place = "cpu",
          .unit = unit,
          .lane = lane,
          .items_in = items,
          .items_out = items,
          .run_seconds = kSeconds};
}

}  // namespace

AccountRecord idle_account() {
  AccountRecord account{
      .nodes = {record("sampler", "image", Lane::own), record("read", "image", Lane::threads),
                record("decode", "image", Lane::threads), record("flip", "image", Lane::threads),
                record("forward", "batch", Lane::step), record("backward", "batch", Lane::step),
                record("report", "batch", Lane::own)},
      .overheads = {},
      .wall_seconds = kSeconds,
      .threads = 2,
      .process = {},
      .cores = 2};
  account.process.run_delay_seconds = 1e-3;  // the kernel tells it
  return account;
}

NodeRecord& node(AccountRecord& account, const char* name) {
  return *std::ranges::find(account.nodes, std::string(name), &NodeRecord::name);
}

void work(AccountRecord& account, const char* name, Work seconds) {
  NodeRecord& record = node(account, name);
  record.busy_seconds = seconds.busy;
  record.cpu_seconds = seconds.cpu < 0.0 ? seconds.busy : seconds.cpu;
  const double mean_ms = 1e3 * seconds.busy / static_cast<double>(record.items_out);
  record.p50_ms = mean_ms;
  record.p90_ms = 1.2 * mean_ms;
  record.p99_ms = 1.5 * mean_ms;
}

void put_step_on(AccountRecord& account, const char* place) {
  for (const char* name : {"forward", "backward"}) node(account, name).place = place;
}

Timeline timeline_of(const AccountRecord& account, const std::vector<double>& rates) {
  Timeline timeline{.nodes = {}, .interval_seconds = 0.1, .moments = {}};
  for (const NodeRecord& record : account.nodes) timeline.nodes.push_back(record.name);
  double images = 1.0;
  double seconds = 0.0;
  const auto add = [&] {
    Moment moment{.seconds = seconds, .nodes = {}, .in_flight = {}};
    moment.nodes.assign(account.nodes.size(),
                        {.items_out = static_cast<std::int64_t>(images + 0.5)});
    timeline.moments.push_back(moment);
  };
  add();
  for (const double rate : rates) {
    for (int tenth = 0; tenth < 10; ++tenth) {
      images += 0.1 * rate;
      seconds += 0.1;
      add();
    }
  }
  return timeline;
}

}  // namespace sluice::test
