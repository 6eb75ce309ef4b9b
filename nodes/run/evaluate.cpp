#include "nodes/run/evaluate.h"

#include <fmt/format.h>

#include "graph/account/closes.h"
#include "graph/account/verdict.h"
#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/sample_order.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/run/account_watch.h"
#include "nodes/run/accounts.h"
#include "nodes/run/accuracy.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_facts.h"
#include "nodes/run/setup.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// The images to take, their labels as the net counts classes.
struct Images {
  std::string split;
  io::Dataset data;
};

Images choose_images(const io::Recipe& recipe, const std::filesystem::path& weights,
                     const std::vector<std::string>& classes) {
  const std::string& path = recipe.text("data.path");
  require(!path.empty(), "no data given; name a folder with --data DIR");
  const std::string& wanted = recipe.text("evaluate.split");
  io::Split whole = io::open_labelled(path, {.val_fraction = 0.0});
  const bool has_val = !whole.val.entries.empty();
  require(wanted != "all" || !has_val,
          "{} has a validation part of its own; valid: --split val, train", path);
  Images images;
  if (wanted == "all" || (wanted == "auto" && !has_val)) {
    images = {"all", std::move(whole.train)};
  } else {
    io::Split split = has_val ? std::move(whole) : open_data(recipe);
    images = wanted == "train" ? Images{"train", std::move(split.train)}
                               : Images{"val", std::move(split.val)};
  }
  require(!images.data.entries.empty(), "{} has no images in its {} part; valid: --split all", path,
          images.split);
  const std::string folder = fmt::format("the data {}", path);
  const std::string file = fmt::format("the weights {}", weights.string());
  const std::vector<int> to_net = io::match_classes({folder, images.data.classes}, {file, classes});
  for (io::Entry& entry : images.data.entries) {
    entry.label = to_net[static_cast<std::size_t>(entry.label)];
  }
  return images;
}

// The recipe of the training run: its net, and how its files were read.
io::Recipe trained_recipe(const io::WeightsInfo& info, const std::string& wanted,
                          const std::string& file) {
  require(info.net == wanted, "{}: weights of the net '{}'; this program takes '{}'", file,
          info.net, wanted);
  io::Recipe recipe;
  recipe.load_text(info.recipe, file);
  return recipe;
}

// The net as it was trained; parameters that are about to be read start at zero.
Net trained_net(const io::Recipe& recipe) {
  Net net = make_net(recipe, static_cast<int>(recipe.integer("net.classes")));
  for (Layer& layer : net.layers) {
    layer.start = {.weights = Start::Weights::normal, .deviation = 0.0, .bias = 0.0};
  }
  return net;
}

// A net read from its weights and compiled.
struct Subject {
  io::WeightsInfo info;
  io::Recipe trained;
  Net net;
  NetState state;
  std::unique_ptr<Program> program;

  Subject(const io::Recipe& recipe, const std::filesystem::path& weights)
      : info(io::read_weights_info(weights)),
        trained(trained_recipe(info, recipe.text("net.name"), weights.string())),
        net(trained_net(trained)),
        state(net, 0) {}
};

void compile_subject(Subject& subject, const io::Recipe& recipe,
                     const std::filesystem::path& weights, Machine& machine) {
  machine.arena->run([&] {
    io::read_weights(weights, subject.net, subject.state);
    subject.program =
        machine.backend->compile(subject.net, subject.state,
                                 {.batch = static_cast<int>(recipe.integer("train.batch")),
                                  .purpose = Purpose::evaluation,
                                  .precision = precision(recipe)});
  });
}

NetMemory net_memory(Subject& subject, const io::Recipe& recipe, Machine& machine) {
  const auto bytes_for = [&](int rows) {
    std::size_t bytes = 0;
    machine.arena->run([&] {
      bytes =
          machine.backend
              ->compile(
                  subject.net, subject.state,
                  {.batch = rows, .purpose = Purpose::evaluation, .precision = precision(recipe)})
              ->bytes();
    });
    return bytes;
  };
  const std::size_t program = subject.program->bytes();
  return {.bytes = subject.state.bytes() + program,
          .taken = subject.state.bytes(),
          .parts = {{.flags = {"--batch"},
                     .count = static_cast<int>(recipe.integer("train.batch")),
                     .bytes = program,
                     .bytes_for = bytes_for}}};
}

// One pass over the images.
void run_images(graph::Pipeline& pipeline, const io::Dataset& data, const Progress& progress,
                std::stop_token stop) {
  const std::stop_callback on_stop(std::move(stop), [&] { pipeline.cancel(); });
  DataSource source(data, io::in_order(static_cast<std::uint32_t>(data.entries.size())), 0);
  if (pipeline.run(source) == graph::RunEnd::cancelled) {
    fail(ErrorKind::interrupted, "interrupted after {} of {} images", progress.images,
         progress.images_all);
  }
}

// What was measured, and what follows from it. Evaluation's chain is the weights' own: no node of
// it can be left out.
void take_account(EvaluateResult& result, AccountWatch& watch, const io::Recipe& recipe,
                  const Machine& machine) {
  result.timeline = watch.finish();
  const Watched& watched = watch.watched().front();
  result.account = watched.pipeline->account();
  result.account.cores = available_threads();
  graph::RunFacts facts = run_facts(recipe, machine, *watched.pipeline);
  facts.alternatives.clear();
  result.account.verdict = graph::verdict(result.account, result.timeline, facts);
  add_device(result.account, *watched.program);
  machine.ledger->close_over_process(result.account);
  result.account.overheads.push_back({"sampling", watch.cpu_seconds()});
  result.account.verdict.text += graph::gap_words(result.account);
}

void take_accuracy(EvaluateResult& result, const Accuracy& accuracy,
                   const std::vector<std::string>& classes) {
  result.images = accuracy.images();
  result.top1 = accuracy.top1();
  result.top5 = accuracy.top5();
  result.per_class = accuracy.per_class();
  result.confusion = confusion_of(accuracy, classes);
}

}  // namespace

EvaluateResult evaluate(const io::Recipe& recipe, const std::filesystem::path& weights,
                        const Listener& listener, std::stop_token stop) {
  Subject subject(recipe, weights);
  const Images images = choose_images(recipe, weights, subject.info.classes);
  const auto chain = io::chain_from_toml(subject.info.input_chain, weights.string());
  check_chain_ends_at(chain, subject.net.side, image_extent(images.data));
  Machine machine = open_machine(
      recipe, {.data_bytes = data_bytes(images.data), .cache = cache_folder(recipe, {})});
  require_usable(machine);
  compile_subject(subject, recipe, weights, machine);
  check_preparation_memory(recipe, machine, subject.net,
                           {.images = static_cast<int>(recipe.integer("train.batch")),
                            .memory = machine.preparation_bytes,
                            .program = subject.program.get()});
  const NetMemory memory = net_memory(subject, recipe, machine);
  check_total_memory(machine, memory);
  listener.tell(total_memory_text(machine, memory.bytes));
  tell_backend(recipe, machine, listener);

  TrainingClock clock;
  Accuracy accuracy(class_count(subject.net));
  EvaluateResult result{.split = images.split, .trained = subject.trained};
  Progress progress{.phase = "evaluate",
                    .images_all = static_cast<std::int64_t>(images.data.entries.size())};
  const auto look = [&](const graph::Batch& batch) {
    accuracy.add(batch);
    for (const graph::BadItem& item : batch.bad) {
      ++result.bad_files;
      listener.tell(fmt::format("bad file left out: {}: {}", item.path, item.error.message));
    }
    progress.images += batch.count;
    listener.show(progress);
  };
  graph::Chain stages = make_chain(chain, subject.info.statistics);
  const RowPlan rows = plan_rows(stages, *subject.program);
  if (!rows.text.empty()) listener.tell(rows.text);
  graph::PipelineOptions options = pipeline_options(recipe, machine, machine.preparation_bytes);
  options.row_memory = subject.program->row_memory();
  graph::Pipeline pipeline(*machine.arena, options,
                           uploaded(collated(image_source(images.data, subject.trained),
                                             std::move(stages), rows, subject.net),
                                    *subject.program) |
                               Evaluate{{.program = subject.program.get(), .clock = &clock}} |
                               Watch{look});
  listener.tell(fmt::format("pipeline: {}", pipeline.memory().text()));
  AccountWatch watch({{.pipeline = &pipeline, .program = subject.program.get()}},
                     {.ledger = machine.ledger.get(), .look = listener.look});
  run_images(pipeline, images.data, progress, std::move(stop));
  if (accuracy.images() == 0) {
    fail(ErrorKind::run, "{}: none of its {} files could be used", recipe.text("data.path"),
         images.data.entries.size());
  }
  take_accuracy(result, accuracy, subject.info.classes);
  take_account(result, watch, recipe, machine);
  return result;
}

void write_page(const std::filesystem::path& file, const io::Recipe& recipe,
                const EvaluateResult& result) {
  io::ReportPage page = page_of(result.trained, "evaluate");
  page.data = recipe.text("data.path");
  page.account = result.account;
  page.timeline = result.timeline;
  page.accuracy = {{.name = "top-1", .share = result.top1},
                   {.name = "top-5", .share = result.top5},
                   {.name = "mean per class", .share = result.per_class}};
  page.confusion = result.confusion;
  page.confusion_of = fmt::format("{} images of the {} part.", result.images, result.split);
  io::write_report_page(file, page);
}

}  // namespace sluice::nodes
