#include "nodes/run/machine.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "runtime/memory.h"

namespace sluice::nodes {
namespace {

constexpr std::size_t kMostByDefault = std::size_t{2} << 30;
constexpr std::size_t kMegabyte = std::size_t{1} << 20;

std::size_t preparation_bytes(const io::Recipe& recipe) {
  const std::size_t machine = machine_memory_bytes();
  const std::string& text = recipe.text("run.memory");
  if (text == "auto") return std::min(machine / 8, kMostByDefault);
  const std::size_t bytes = io::parse_bytes(text, "run.memory");
  require(bytes <= machine, "run.memory = {} is more than this machine's {}; valid: up to that",
          text, io::format_bytes(machine));
  return bytes;
}

constexpr std::size_t kOfARow = 1024;          // beside its pixels: label, places, decisions
constexpr std::size_t kBesideSlots = 2 << 20;  // files and images in flight, at their least

// What the slots of a pipeline need at their fewest, for so many images.
std::size_t slot_bytes(const io::Recipe& recipe, const Net& net, const PreparedBatches& batches,
                       int images) {
  const bool bytes = batches.program != nullptr && batches.program->takes_bytes();
  const std::size_t of_value = bytes ? 1 : sizeof(float);
  const std::int64_t square = std::int64_t{net.side} * net.side;
  const auto pixels =
      static_cast<std::size_t>(batches.row_pixels > 0 ? batches.row_pixels : square) *
      static_cast<std::size_t>(net.channels);
  const auto slots =
      static_cast<std::size_t>(std::min<std::int64_t>(recipe.integer("run.slots"), 2));
  const auto rows = static_cast<std::size_t>(images);
  return slots * (BlockPool::rounded(rows * pixels * of_value) + rows * kOfARow);
}

// Address space of a thread: its stack, and what malloc reserves for it.
constexpr std::size_t kThreadSpace = std::size_t{72} << 20;
constexpr std::size_t kThreadStack = std::size_t{8} << 20;

// Without what malloc has only reserved for the threads that have begun: kThreadSpace counts that.
std::size_t address_space_in_use() {
  std::size_t bytes = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::size_t begin = 0, end = 0;
    char readable = '-', writable = '-', executable = '-';
    if (std::sscanf(line.c_str(), "%zx-%zx %c%c%c", &begin, &end, &readable, &writable,
                    &executable) != 5)
      continue;
    if (readable != '-' || writable != '-' || executable != '-') bytes += end - begin;
  }
  return bytes;
}

std::size_t most_threads(const Machine& machine) {
  return static_cast<std::size_t>(machine.arena->threads()) + 2;
}

std::size_t above_zero(std::size_t all, std::size_t part) { return all > part ? all - part : 0; }

// Beside what is in use, what this run will yet take but for its net. Libraries that run out of
// address space in the middle of a run end without a word, so it is counted before.
std::size_t space_beside_net(const Machine& machine) {
  return address_space_in_use() + machine.preparation_bytes +
         above_zero(machine.beside_bytes, machine.beside_taken) +
         most_threads(machine) * kThreadSpace;
}

void check_address_space(const Machine& machine, const NetMemory& net) {
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY) return;
  const std::size_t limit = space.rlim_cur, beside = space_beside_net(machine);
  // Whether a thread has its stack by now is chance: what we advise has room for that.
  const std::size_t chance = most_threads(machine) * kThreadStack;
  const std::size_t needed = beside + above_zero(net.bytes, net.taken);
  if (needed <= limit) return;
  fail(ErrorKind::usage,
       "memory: the limit of address space (ulimit -v) is {}, this run needs about {}; {}, or "
       "fewer --threads",
       io::format_bytes(limit), io::format_bytes(needed),
       what_would_fit(net, {.bytes = above_zero(limit + net.taken, beside + chance),
                            .preparation = machine.preparation_bytes}));
}

// A net, and what is trained beside it.
std::string nets_text(const Machine& machine, std::size_t net_bytes) {
  if (machine.beside_bytes == 0) return io::format_bytes(net_bytes);
  return fmt::format("{}, {} of nets beside it", io::format_bytes(net_bytes),
                     io::format_bytes(machine.beside_bytes));
}

}  // namespace

// TF32 is never taken or left out silently.
std::unique_ptr<Backend> open_backend(const io::Recipe& recipe,
                                      const std::filesystem::path& cache) {
  BackendOptions options;
  if (!cache.empty()) options.tuning_file = cache / "cudnn-choices.json";
  if (recipe.text("run.f32_math") == "tf32") options.f32_math = F32Math::tf32;
  auto backend = make_backend(recipe.text("run.backend"), options);
  require(options.f32_math == F32Math::exact || backend->name() == "cudnn",
          "run.f32_math = \"tf32\": the backend here is {}, which has no TF32; it needs "
          "run.backend = \"cudnn\"",
          backend->name());
  return backend;
}

std::filesystem::path cache_folder(const io::Recipe& recipe, const std::filesystem::path& out) {
  const std::string& given = recipe.text("data.cache");
  if (!given.empty()) return given;
  if (out.empty()) return {};
  std::filesystem::path run = std::filesystem::absolute(out).lexically_normal();
  if (!run.has_filename()) run = run.parent_path();  // "RUN/" is RUN
  return run.parent_path() / ".sluice-cache";
}

Machine open_machine(const io::Recipe& recipe, const MachineUse& use) {
  Machine machine;
  machine.data_bytes = use.data_bytes;
  machine.backend = open_backend(recipe, use.cache);
  machine.preparation_bytes = preparation_bytes(recipe);
  machine.arena = std::make_unique<Arena>(static_cast<int>(recipe.integer("run.threads")));
  machine.ledger =
      std::make_unique<graph::ArenaLedger>(*machine.arena, graph::Home::calling_thread);
  return machine;
}

void require_usable(const Machine& machine) { sluice::require_usable(*machine.backend); }

void check_layer_times(LayerTimes times, const Backend& backend) {
  require(times == LayerTimes::off || backend.times_layers(),
          "--layers: layers are timed by onednn and reference, the net runs on {} here; valid: "
          "--backend onednn or --backend reference",
          backend.name());
}

void tell_backend(const io::Recipe& recipe, const Machine& machine, const Listener& listener) {
  if (recipe.text("run.backend") != "auto" || machine.backend->name() == "cudnn") return;
  const std::string reason = device_passed_by();
  if (!reason.empty())
    listener.tell(fmt::format("backend: {}, cudnn cannot be used here ({})",
                              machine.backend->name(), reason));
}

io::Machine described_machine() {
  io::Machine machine{.versions = {{"sluice", "0.1.0"}}, .cpu = "unknown"};
  for (const std::string& backend : available_backends())
    machine.versions["backend." + backend] = "f32";
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);) {
    if (line.starts_with("model name")) {
      machine.cpu = line.substr(std::min(line.find(':') + 2, line.size()));
      break;
    }
  }
  return machine;
}

MemoryShares share_memory(std::size_t preparation_bytes) {
  const std::size_t validation = preparation_bytes / 3;
  return {.training = preparation_bytes - validation, .validation = validation};
}

void check_memory_text(const io::Recipe& recipe) {
  const std::string& text = recipe.text("run.memory");
  if (text != "auto") (void)io::parse_bytes(text, "run.memory");
}

void check_preparation_memory(const io::Recipe& recipe, const Machine& machine, const Net& net,
                              const PreparedBatches& batches) {
  const std::size_t needed = slot_bytes(recipe, net, batches, batches.images) + kBesideSlots;
  if (needed <= batches.memory) return;
  const auto fits = [&](int images) {
    return slot_bytes(recipe, net, batches, images) + kBesideSlots <= batches.memory;
  };
  int images = 0;  // by halves: sizes are rounded up
  for (int step = batches.images; step > 0; step /= 2)
    while (fits(images + step)) images += step;
  const double share = static_cast<double>(batches.memory) /
                       static_cast<double>(std::max<std::size_t>(machine.preparation_bytes, 1));
  const auto enough = static_cast<std::size_t>(static_cast<double>(needed) / share) / kMegabyte + 2;
  std::string valid = fmt::format("--memory {}M", enough);
  if (images > 0) valid += fmt::format(", or {} {}", batches.flag, images);
  fail(
      ErrorKind::usage,
      "run.memory: preparation has {}, of which batches of {} images ({}) may take {} and need {}; "
      "valid: {}",
      io::format_bytes(machine.preparation_bytes), batches.images, batches.flag,
      io::format_bytes(batches.memory), io::format_bytes(needed), valid);
}

std::size_t total_memory(const Machine& machine, std::size_t net_bytes) {
  return machine.preparation_bytes + machine.data_bytes + machine.beside_bytes + net_bytes;
}

void check_total_memory(const Machine& machine, const NetMemory& net) {
  const std::size_t all = machine_memory_bytes();
  if (total_memory(machine, net.bytes) > all) {
    fail(ErrorKind::usage,
         "preparation ({}), data ({}) and net ({}) need more than this machine's {} of memory; {}",
         io::format_bytes(machine.preparation_bytes), io::format_bytes(machine.data_bytes),
         nets_text(machine, net.bytes), io::format_bytes(all),
         what_would_fit(net, {.bytes = above_zero(all, total_memory(machine, 0)),
                              .preparation = machine.preparation_bytes}));
  }
  check_address_space(machine, net);
}

void check_parameter_memory(const Machine& machine, const Net& net, NetUse use, int replicas) {
  const std::size_t one = parameter_bytes(net, use);
  const auto bytes_for = [one](int count) { return one * static_cast<std::size_t>(count); };
  check_total_memory(machine, {.bytes = bytes_for(replicas),
                               .parts = {{.flags = {"--replicas"},
                                          .count = replicas,
                                          .bytes = bytes_for(replicas),
                                          .bytes_for = bytes_for}}});
}

std::string total_memory_text(const Machine& machine, std::size_t net_bytes) {
  const std::size_t together = total_memory(machine, net_bytes);
  return fmt::format("memory: net {}, preparation {}, data {}, together {} ({} bytes)",
                     nets_text(machine, net_bytes), io::format_bytes(machine.preparation_bytes),
                     io::format_bytes(machine.data_bytes), io::format_bytes(together), together);
}

}  // namespace sluice::nodes
