#include "nodes/run/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "graph/account/closes.h"
#include "graph/account/verdict.h"
#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/read_file.h"
#include "io/text.h"
#include "nodes/augment_chain.h"
#include "nodes/data_source.h"
#include "nodes/run/account_watch.h"
#include "nodes/run/accounts.h"
#include "nodes/run/accuracy.h"
#include "nodes/run/evaluation.h"
#include "nodes/run/filter_picture.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/mistakes.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_facts.h"
#include "nodes/run/setup.h"
#include "nodes/upload.h"
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

// The files that a request names, as a data set without labels.
Images named_files(const std::vector<std::filesystem::path>& files) {
  Images images{.split = "files", .data = {}};
  images.data.root = ".";
  for (const std::filesystem::path& file : files) {
    const Result<std::size_t> bytes = io::file_bytes(file);
    require(bytes.ok(), "{}: {}; valid: JPEG files", io::one_line(file.string()),
            bytes.ok() ? "" : bytes.error().message);
    images.data.entries.push_back({.path = file.string(), .label = 0, .bytes = bytes.value()});
  }
  return images;
}

// A net's classes: those of the data it was trained on, and those that it has besides.
std::vector<int> all_places(std::vector<int> places, int classes) {
  while (static_cast<int>(places.size()) < classes)
    places.push_back(static_cast<int>(places.size()));
  return places;
}

// The nets, whose classes must be the same; for each the place of its classes among the first's.
std::vector<std::vector<int>> match_nets(const Subjects& subjects) {
  const Subject& first = *subjects.front();
  std::vector<std::vector<int>> places;
  for (const auto& subject : subjects) {
    require(subject->info.classes.size() == first.info.classes.size(),
            "{} are of {} classes, {} of {}; nets that are averaged have the same classes",
            first.name(), first.info.classes.size(), subject->name(), subject->info.classes.size());
    const int classes = class_count(subject->net);
    require(classes == class_count(first.net),
            "{} give {} scores, {} {}; nets that are averaged give as many", first.name(),
            class_count(first.net), subject->name(), classes);
    places.push_back(all_places(io::match_classes({subject->name(), subject->info.classes},
                                                  {first.name(), first.info.classes}),
                                classes));
    require(subject->trained.text("data.orientation") == first.trained.text("data.orientation"),
            "{} and {} were trained with different data.orientation; valid: nets that read images "
            "alike",
            first.name(), subject->name());
  }
  return places;
}

ProgramOptions program_options(const io::Recipe& recipe, const EvaluateRequest& request) {
  return {.purpose = Purpose::evaluation,
          .precision = precision(recipe),
          .dropout = request.dropout_samples > 0 ? DropoutUse::sampled : DropoutUse::expected};
}

// Everything that one evaluation goes by; it stays where it was made.
struct Evaluation {
  const io::Recipe& recipe;
  const EvaluateRequest& request;
  Subjects subjects;
  std::vector<BranchPlan> branches;
  int images_a_batch = 1;
  Images images;
  WholeSizes sizes;
  Machine machine;
  std::vector<std::unique_ptr<SubjectPrograms>> programs;  // one a subject
  std::unique_ptr<ViewAverage> average;
};

std::vector<BranchPlan> branches_of(const io::Recipe& recipe, const EvaluateRequest& request,
                                    const Subjects& subjects) {
  Protocol protocol = find_protocol(recipe.text("evaluate.protocol"));
  if (request.flips == FlipAverage::yes) protocol = with_flips(protocol);
  std::vector<const Subject*> all;
  for (const auto& subject : subjects) all.push_back(subject.get());
  return plan_branches(protocol, request.scales, all);
}

int views_of(const BranchPlan& branch) {
  return branch.part.dense() ? 1 : static_cast<int>(branch.part.crops.size());
}

Passes passes_of(const Evaluation& on) {
  return {.count = std::max(on.request.dropout_samples, 1),
          .seed = static_cast<std::uint64_t>(on.subjects.front()->trained.integer("seed"))};
}

graph::BatchStream dense_branch(Evaluation& on, std::size_t b, graph::ImageStream images) {
  const BranchPlan& branch = on.branches[b];
  Subject& subject = *on.subjects[branch.net];
  const CollateWhole rows{.least_side = subject.net.side,
                          .most_pixels = on.sizes.most_pixels[b],
                          .channels = subject.net.channels};
  ViewAverage* const average = on.average.get();
  return std::move(images) | make_chain(branch.chain, subject.info.statistics) | rows |
         EvaluateDense{.programs = on.programs[branch.net]->dense(),
                       .rows = rows,
                       .classes = class_count(subject.net),
                       .state = &subject.state,
                       .passes = passes_of(on),
                       .take = [average, b](const graph::Batch& batch, auto probabilities) {
                         average->add(b, batch, probabilities);
                       }};
}

graph::BatchStream crops_branch(Evaluation& on, std::size_t b, graph::ImageStream images,
                                const Listener& listener) {
  const BranchPlan& branch = on.branches[b];
  Subject& subject = *on.subjects[branch.net];
  Program& program = on.programs[branch.net]->of_rows(on.images_a_batch * views_of(branch));
  graph::Chain stages = make_chain(branch.chain, subject.info.statistics);
  ViewAverage* const average = on.average.get();
  EvaluateViews evaluate{.program = &program,
                         .state = &subject.state,
                         .passes = passes_of(on),
                         .take = [average, b](const graph::Batch& batch, auto probabilities) {
                           average->add(b, batch, probabilities);
                         }};
  if (is_own_view(branch)) {
    const RowPlan rows = plan_rows(stages, program);
    if (!rows.text.empty()) listener.tell(rows.text);
    return uploaded(collated(std::move(images), std::move(stages), rows, subject.net), program) |
           std::move(evaluate);
  }
  return uploaded(std::move(images) | std::move(stages) |
                      CollateViews{.side = subject.net.side,
                                   .channels = subject.net.channels,
                                   .all = branch.part.crops},
                  program) |
         std::move(evaluate);
}

std::vector<graph::BatchStream> wire_branches(Evaluation& on, const Listener& listener) {
  std::vector<graph::ImageStream> streams;
  graph::ImageStream source = image_source(on.images.data, on.subjects.front()->trained);
  if (on.branches.size() == 1)
    streams.push_back(std::move(source));
  else
    streams = graph::split(std::move(source), static_cast<int>(on.branches.size()));
  std::vector<graph::BatchStream> wired;
  for (std::size_t b = 0; b < on.branches.size(); ++b)
    wired.push_back(on.branches[b].part.dense()
                        ? dense_branch(on, b, std::move(streams[b]))
                        : crops_branch(on, b, std::move(streams[b]), listener));
  return wired;
}

// A net's branches share the dense forms that are kept: the largest image of all of them counts.
std::size_t dense_bytes(const Evaluation& on) {
  std::map<std::size_t, Extent> largest;  // by net
  for (std::size_t b = 0; b < on.branches.size(); ++b) {
    if (!on.branches[b].part.dense()) continue;
    Extent& most = largest[on.branches[b].net];
    if (on.sizes.largest[b].pixels() > most.pixels()) most = on.sizes.largest[b];
  }
  std::size_t bytes = 0;
  for (const auto& [net, extent] : largest) {
    (void)on.programs[net]->dense();
    bytes += on.programs[net]->dense_bytes(extent);
  }
  return bytes;
}

// Programs of all nets and sizes, whether they fit, and the words for it.
void check_memory(Evaluation& on, const Listener& listener) {
  NetMemory memory{.parts = {{.flags = {"--batch"}, .count = 0}}};
  std::map<std::pair<std::size_t, int>, bool> seen;
  std::function<std::size_t(int)> bytes_for = [](int) { return std::size_t{0}; };
  MemoryPart& part = memory.parts.front();
  for (std::size_t b = 0; b < on.branches.size(); ++b) {
    const BranchPlan& branch = on.branches[b];
    SubjectPrograms& programs = *on.programs[branch.net];
    if (branch.part.dense()) continue;
    const int rows = on.images_a_batch * views_of(branch);
    if (!seen.emplace(std::pair(branch.net, rows), true).second) continue;
    part.count = std::max(part.count, rows);
    part.bytes += programs.of_rows(rows).bytes();
    bytes_for = [before = bytes_for, &programs](int count) {
      return before(count) + programs.bytes_for(count);
    };
  }
  for (const auto& subject : on.subjects) memory.taken += subject->state.bytes();
  memory.bytes += memory.taken + part.bytes + dense_bytes(on);
  part.bytes_for = bytes_for;
  if (part.count == 0) memory.parts.clear();
  check_total_memory(on.machine, memory);
  listener.tell(total_memory_text(on.machine, memory.bytes));
}

void check_chains(const Evaluation& on) {
  for (const BranchPlan& branch : on.branches) {
    const Subject& subject = *on.subjects[branch.net];
    if (is_own_view(branch))
      check_chain_ends_at(branch.chain, subject.net.side, image_extent(on.images.data));
  }
}

// One pass over the images.
void run_images(graph::Pipeline& pipeline, const Evaluation& on, const Progress& progress,
                std::stop_token stop) {
  const std::stop_callback on_stop(std::move(stop), [&] { pipeline.cancel(); });
  DataSource source(on.images.data, on.sizes.order, 0);
  if (pipeline.run(source) == graph::RunEnd::cancelled) {
    fail(ErrorKind::interrupted, "interrupted after {} of {} images", progress.images,
         progress.images_all);
  }
}

// What was measured, and what follows from it. Evaluation's chain is the weights' own: no node of
// it can be left out.
void take_account(EvaluateResult& result, AccountWatch& watch, const Evaluation& on) {
  result.timeline = watch.finish();
  const Watched& watched = watch.watched().front();
  result.account = watched.pipeline->account();
  result.account.cores = available_threads();
  graph::RunFacts facts = run_facts(on.recipe, on.machine, *watched.pipeline);
  facts.batch = on.images_a_batch;
  facts.alternatives.clear();
  result.account.verdict = graph::verdict(result.account, result.timeline, facts);
  if (watched.program != nullptr) add_device(result.account, *watched.program);
  on.machine.ledger->close_over_process(result.account);
  result.account.overheads.push_back({"sampling", watch.cpu_seconds()});
  result.account.verdict.text += graph::gap_words(result.account);
}

void take_accuracy(EvaluateResult& result, const Accuracy& accuracy,
                   const std::vector<std::string>& classes) {
  result.images = static_cast<std::int64_t>(result.predictions.size());
  result.top1 = accuracy.top1();
  result.top5 = accuracy.top5();
  result.per_class = accuracy.per_class();
  result.confusion = confusion_of(accuracy, classes);
  for (std::size_t c = 0; c < accuracy.classes(); ++c)
    result.classes.push_back({.name = c < classes.size() ? classes[c] : fmt::format("{}", c),
                              .images = accuracy.images_of(c),
                              .right = accuracy.right_of(c)});
}

std::unique_ptr<ViewAverage> average_of(const Evaluation& on,
                                        const std::vector<std::vector<int>>& places,
                                        std::function<void(const Answer&)> tell) {
  std::vector<double> weights;
  std::vector<std::vector<int>> classes;
  for (const BranchPlan& branch : on.branches) {
    weights.push_back(branch.weight);
    classes.push_back(places[branch.net]);
  }
  return std::make_unique<ViewAverage>(std::move(weights), std::move(classes), std::move(tell));
}

// Of crops; none where all branches take whole images.
const Program* first_program(const Evaluation& on) {
  for (const BranchPlan& branch : on.branches)
    if (!branch.part.dense())
      return &on.programs[branch.net]->of_rows(on.images_a_batch * views_of(branch));
  return nullptr;
}

enum class Labels { known, unknown };

// What is kept of each answer.
struct Heard {
  Labels labels;
  const io::Dataset& data;
  const Listener& listener;
  Accuracy accuracy;
  EvaluateResult& result;
  Progress progress;

  void hear(const Answer& answer) {
    ++progress.images;
    if (answer.bad != nullptr) {
      ++result.bad_files;
      listener.tell(
          fmt::format("bad file left out: {}: {}", answer.bad->path, answer.bad->error.message));
      return;
    }
    if (labels == Labels::known) accuracy.add(answer.label, answer.probabilities);
    result.predictions.push_back(
        {.number = answer.id.number,
         .path = data.entries[answer.id.number].path,
         .label = labels == Labels::known ? answer.label : -1,
         .probability = labels == Labels::known
                            ? answer.probabilities[static_cast<std::size_t>(answer.label)]
                            : 0.0,
         .best = io::best_of(answer.probabilities)});
    listener.show(progress);
  }
};

void make_programs(Evaluation& on, const Listener& listener) {
  for (auto& subject : on.subjects) {
    read_parameters(*subject, on.machine);
    on.programs.push_back(std::make_unique<SubjectPrograms>(
        *subject, SubjectPrograms::Options{.program = program_options(on.recipe, on.request),
                                           .machine = on.machine}));
  }
  check_memory(on, listener);
}

// Passes of a net that drops nothing would all say the same.
void check_dropout(const EvaluateRequest& request, const Subjects& subjects) {
  if (request.dropout_samples == 0) return;
  for (const auto& subject : subjects)
    require(std::ranges::any_of(
                subject->net.layers,
                [](const Layer& layer) { return std::holds_alternative<Dropout>(layer.spec); }),
            "--dropout-samples: {} have no dropout to sample; valid: without it", subject->name());
}

// The evaluation up to its pipeline: whatever can be known before the first batch.
Evaluation prepare(const io::Recipe& recipe, const EvaluateRequest& request) {
  Evaluation on{.recipe = recipe, .request = request};
  require(!request.weights.empty(), "no weights given; name a file with --weights FILE");
  for (const auto& file : request.weights) on.subjects.push_back(std::make_unique<Subject>(file));
  check_dropout(request, on.subjects);
  on.branches = branches_of(recipe, request, on.subjects);
  on.images_a_batch = images_a_batch(on.branches, static_cast<int>(recipe.integer("train.batch")));
  on.images = request.files.empty() ? choose_images(recipe, request.weights.front(),
                                                    on.subjects.front()->info.classes)
                                    : named_files(request.files);
  check_chains(on);
  return on;
}

}  // namespace

EvaluateResult evaluate(const io::Recipe& recipe, const EvaluateRequest& request,
                        const Listener& listener, std::stop_token stop) {
  Evaluation on = prepare(recipe, request);
  const auto places = match_nets(on.subjects);
  on.machine = open_machine(
      recipe, {.data_bytes = data_bytes(on.images.data), .cache = cache_folder(recipe, {})});
  require_usable(on.machine);
  graph::PipelineOptions options =
      pipeline_options(recipe, on.machine, on.machine.preparation_bytes);
  options.batch = on.images_a_batch;
  on.sizes = whole_sizes(on.branches, on.subjects, on.images.data, options);
  make_programs(on, listener);
  tell_backend(recipe, on.machine, listener);

  EvaluateResult result{.split = on.images.split,
                        .protocol = recipe.text("evaluate.protocol"),
                        .scales = request.scales,
                        .trained = on.subjects.front()->trained};
  Heard heard{.labels = request.files.empty() ? Labels::known : Labels::unknown,
              .data = on.images.data,
              .listener = listener,
              .accuracy = Accuracy(class_count(on.subjects.front()->net)),
              .result = result,
              .progress = {.phase = "evaluate",
                           .images_all = static_cast<std::int64_t>(on.images.data.entries.size())}};
  for (const BranchPlan& branch : on.branches)
    result.views += branch.part.dense() ? 2 : views_of(branch);
  on.average = average_of(on, places, [&](const Answer& answer) { heard.hear(answer); });
  const Program* const first = first_program(on);
  if (first != nullptr) options.row_memory = first->row_memory();
  graph::Pipeline pipeline(*on.machine.arena, options, wire_branches(on, listener));
  listener.tell(fmt::format("pipeline: {}", pipeline.memory().text()));
  AccountWatch watch({{.pipeline = &pipeline, .program = first}},
                     {.ledger = on.machine.ledger.get(), .look = listener.look});
  run_images(pipeline, on, heard.progress, std::move(stop));
  if (result.predictions.empty()) {
    fail(ErrorKind::run, "{}: none of its {} files could be used",
         request.files.empty() ? recipe.text("data.path") : request.files.front().string(),
         on.images.data.entries.size());
  }
  std::ranges::sort(result.predictions, {}, &io::Prediction::number);
  take_accuracy(result, heard.accuracy, on.subjects.front()->info.classes);
  take_account(result, watch, on);
  result.filters = filters_on_page(on.subjects.front()->net, on.subjects.front()->state);
  if (request.worst > 0)
    result.mistakes =
        mistakes_of(result.predictions, result.class_names(), on.images.data,
                    on.subjects.front()->trained, static_cast<std::size_t>(request.worst));
  return result;
}

std::vector<std::string> EvaluateResult::class_names() const {
  std::vector<std::string> names;
  for (const io::ClassRow& row : classes) names.push_back(row.name);
  return names;
}

void check_predictions_file(const std::filesystem::path& file) {
  const std::string ending = file.extension().string();
  require(ending == ".csv" || ending == ".json",
          "--predictions {}: the name says the form; valid: FILE.csv, FILE.json",
          io::one_line(file.string()));
  check_page_file("--predictions", file);
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
  page.mistakes = result.mistakes;
  page.filters = result.filters;
  page.confusion_of = fmt::format("{} images of the {} part.", result.images, result.split);
  io::write_report_page(file, page);
}

}  // namespace sluice::nodes
