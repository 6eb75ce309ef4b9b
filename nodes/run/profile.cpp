#include "nodes/run/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/run_folder.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/read_file.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kClasses = 1000;

// Ends a pass when its time is over.
class TimedSource final : public graph::Source {
 public:
  TimedSource(graph::Source& images, std::optional<Clock::time_point> end)
      : images_(images), end_(end) {}
  std::optional<graph::SourceItem> next() override {
    if (end_ && Clock::now() >= *end_) return std::nullopt;
    return images_.next();
  }

 private:
  graph::Source& images_;
  std::optional<Clock::time_point> end_;
};

enum class Last { decode, chain, collate, forward, backward, update };

// How far the pipeline goes.
struct Until {
  Last last = Last::update;
  std::size_t chain_nodes = 0;  // of the chain, when last is `chain`
};

Until find_end(const std::string& name, const graph::Chain& chain) {
  if (name.empty() || name == "update") return {Last::update, chain.size()};
  if (name == "backward") return {Last::backward, chain.size()};
  if (name == "forward") return {Last::forward, chain.size()};
  if (name == "collate") return {Last::collate, chain.size()};
  if (name == "decode") return {Last::decode, 0};
  std::string valid = "decode";
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i]->name() == name) return {Last::chain, i + 1};
    valid += ", " + chain[i]->name();
  }
  fail(ErrorKind::usage,
       "--until '{}' is no node of this pipeline; valid: {}, collate, forward, "
       "backward, update",
       name, valid);
}

// The net that is trained, when the pipeline goes that far.
struct Trainee {
  Net net;
  std::optional<NetState> state;
  std::unique_ptr<Backend> stand_in;
  std::unique_ptr<Program> program;
  std::size_t bytes = 0;
};

void build_trainee(Trainee& trainee, const io::Recipe& recipe, const ProfileRequest& request,
                   Machine& machine) {
  Backend* backend = machine.backend.get();
  if (request.assume_step_ms) {
    trainee.stand_in =
        make_waiting_backend(std::chrono::duration<double, std::milli>(*request.assume_step_ms));
    backend = trainee.stand_in.get();
    // A stand-in touches no weights.
    for (Layer& layer : trainee.net.layers)
      layer.start = {.weights = Start::Weights::normal, .deviation = 0.0};
  }
  machine.arena->run([&] {
    trainee.state.emplace(trainee.net, static_cast<std::uint64_t>(recipe.integer("seed")));
    trainee.program = backend->compile(trainee.net, *trainee.state,
                                       {.batch = static_cast<int>(recipe.integer("train.batch")),
                                        .purpose = Purpose::training,
                                        .sgd = {},
                                        .keep = {}});
  });
  trainee.bytes = trainee.state->bytes() + trainee.program->bytes();
}

graph::BatchStream add_training(graph::BatchStream stream, Last last, const StepContext& step) {
  if (last == Last::collate) return stream;
  // A pipeline that ends inside the step gives the token back where it ends.
  if (last == Last::forward) return std::move(stream) | Evaluate{step};
  stream = std::move(stream) | Forward{step};
  if (last == Last::backward) return std::move(stream) | LastBackward{{step}};
  return std::move(stream) | Backward{step} | Update{step};
}

}  // namespace

ProfileResult profile(const io::Recipe& recipe, const ProfileRequest& request,
                      const Listener& listener, std::stop_token stop) {
  require(!recipe.text("data.path").empty(), "no data given; name a folder with --data DIR");
  const io::Dataset data = io::open_unlabelled(recipe.text("data.path"));
  Trainee trainee{.net = make_net(recipe, kClasses)};
  graph::Chain chain = make_chain(recipe.augment, neutral_statistics(recipe));
  const Until until = find_end(request.until, chain);
  if (until.last != Last::decode && until.last != Last::chain) {
    check_chain_ends_at(recipe.augment, trainee.net.side);
  }
  chain.resize(until.chain_nodes);
  Machine machine = open_machine(recipe);
  TrainingClock clock{.seed = static_cast<std::uint64_t>(recipe.integer("seed")),
                      .rate = recipe.real("train.rate")};
  if (until.last >= Last::forward) build_trainee(trainee, recipe, request, machine);
  check_total_memory(machine.preparation_bytes, trainee.bytes);
  std::optional<io::RunFolder> folder;
  if (!request.out.empty()) folder.emplace(request.out);

  ProfileResult result;
  BadFiles bad([&](const graph::BadItem& item) {
    if (folder) folder->add_bad_file(item.path, item.error);
  });
  Progress progress{.phase = "profile"};
  const auto start = Clock::now();
  const auto watch = [&](const graph::Batch& batch) {
    bad.note(batch);
    result.files += batch.count;
    progress.images = result.files;
    progress.images_per_second = static_cast<double>(result.files) /
                                 std::chrono::duration<double>(Clock::now() - start).count();
    listener.show(progress);
  };
  graph::ImageStream images =
      graph::files(ReadFile{data.root}) | make_decoder(recipe) | std::move(chain);
  const bool keeps_rows = until.last >= Last::collate;
  const std::string place = request.assume_step_ms ? "waiting" : "cpu";
  graph::BatchStream stream =
      keeps_rows ? std::move(images) | Collate{trainee.net.side} : std::move(images) | Discard{};
  if (keeps_rows) {
    stream = add_training(std::move(stream), until.last,
                          {.program = trainee.program.get(), .clock = &clock, .place = place});
  }
  graph::Pipeline pipeline(*machine.arena, pipeline_options(recipe, machine.preparation_bytes),
                           std::move(stream) | Watch{watch});
  const std::stop_callback on_stop(stop, [&] { pipeline.cancel(); });
  result.announced_bytes = machine.preparation_bytes + trainee.bytes;
  listener.tell(fmt::format("memory: net {}, preparation {}, together {} ({} bytes)",
                            io::format_bytes(trainee.bytes),
                            io::format_bytes(machine.preparation_bytes),
                            io::format_bytes(result.announced_bytes), result.announced_bytes));
  listener.tell(fmt::format("pipeline: {}", pipeline.memory().text()));
  if (folder) folder->write_recipe(recipe.to_toml());

  std::optional<Clock::time_point> end;
  if (request.seconds)
    end = start + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(*request.seconds));
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  const auto epochs = static_cast<std::uint32_t>(recipe.integer("train.epochs"));
  for (std::uint32_t epoch = 0; epoch < epochs && !(end && Clock::now() >= *end); ++epoch) {
    DataSource pass(data, io::sample_order(count, clock.seed, epoch), epoch);
    TimedSource source(pass, end);
    if (pipeline.run(source) == graph::RunEnd::cancelled) {
      result.interrupted = true;
      break;
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.bad_files = bad.files();
  result.account = pipeline.account();
  if (folder)
    io::write_nodes_json(folder->path() / "nodes.json", result.account, described_machine());
  return result;
}

}  // namespace sluice::nodes
