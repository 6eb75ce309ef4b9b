#include "graph/thread_cell.h"

#include <algorithm>
#include <thread>

#include "graph/clocks.h"

namespace sluice::graph {
namespace {

// False when the clock's thread is gone.
bool read_clock(clockid_t clock, std::int64_t& value) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return false;
  value = nanoseconds(time);
  return true;
}

}  // namespace

std::int64_t ThreadCell::outside() const {
  for (;;) {
    const std::uint32_t before = sequence.load();
    std::int64_t result = retired;
    std::int64_t now = 0;
    if (active && read_clock(clock, now)) {
      const std::int64_t scope = open_start < 0 ? 0 : now - open_start;
      result += now - entered - charged - scope;
    }
    if (before % 2 == 0 && sequence.load() == before) return result;
    std::this_thread::yield();
  }
}

void ThreadCell::take(std::int64_t from) {
  clockid_t own{};
  pthread_getcpuclockid(pthread_self(), &own);
  // A thread that left before the observer noticed it: keep what can still be read.
  const std::int64_t earlier = active ? outside() : retired.load();
  begin_write();
  retired = earlier;
  clock = own;
  owner = pthread_self();
  entered = from;
  charged = 0;
  open_start = -1;
  active = true;
  end_write();
  depth = 0;
  inner = 0;
  last_close = from;
  read_wall = 0;  // long ago
  told_cpu = from;
}

std::int64_t ThreadCell::cpu_at(std::int64_t wall, Waits waits) {
  if (waits == Waits::maybe || wall - read_wall >= kTrusted) {
    read_wall = wall;
    read_cpu = thread_cpu_ns();
  }
  return told_cpu = std::max(told_cpu, read_cpu + (wall - read_wall));
}

void ThreadCell::leave(std::int64_t spin_ns) {
  const std::int64_t now = thread_cpu_ns();
  const std::int64_t spin = std::clamp<std::int64_t>(now - last_close, 0, spin_ns);
  begin_write();
  retired += now - entered - charged - spin;
  spun += spin;
  active = false;
  end_write();
}

void ThreadCell::open_outermost(std::int64_t now) {
  begin_write();
  open_start = now;
  end_write();
}

void ThreadCell::close_outermost(std::int64_t now, std::int64_t whole) {
  begin_write();
  charged += whole;
  open_start = -1;
  end_write();
  last_close = now;
}

}  // namespace sluice::graph
