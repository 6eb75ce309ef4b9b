#include "nodes/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "nodes/collate.h"
#include "nodes/collate_bytes.h"

namespace sluice::nodes {
namespace {

using graph::AugmentStage;

bool is_colour(const AugmentStage& node) { return node.info().kind == graph::NodeKind::colour; }

// What stands behind a node.
struct Behind {
  // That is run:
  bool any = false;
  bool only_shifts = true;
  const AugmentStage* needs_pixels = nullptr;  // one that does more than to move them
  bool left_image = false;                     // something that subtracts an image is left

  void add(const AugmentStage& run) {
    any = true;
    only_shifts = only_shifts && run.only_shifts();
    if (!run.moves_pixels()) needs_pixels = &run;
  }
};

bool has_image(const AugmentStage& node) { return !node.row_image().empty(); }

// Whether it changes nothing that the node is done behind all that is run, and on bytes that are
// not flipped yet. (The one that subtracts an image is done at the bytes' own places.)
bool is_left(const AugmentStage& node, const Behind& behind) {
  if (!node.can_be_left()) return false;
  if (has_image(node)) return behind.only_shifts && !behind.left_image;
  if (is_colour(node)) return behind.needs_pixels == nullptr;
  return !behind.any && !behind.left_image;
}

// Why a node that is not left must have floats, if it must.
std::optional<std::string> needs_floats(const AugmentStage& node, const Behind& behind) {
  if (node.type_after(PixelType::u8) == PixelType::u8) return std::nullopt;
  const AugmentStage& reason = behind.needs_pixels != nullptr ? *behind.needs_pixels : node;
  return fmt::format("{} needs pixels", reason.name());
}

std::string names_of(const graph::Chain& chain, const std::vector<std::size_t>& places) {
  std::string names;
  for (const std::size_t place : places)
    names += fmt::format("{}{}", names.empty() ? "" : " + ", chain[place]->name());
  return names.empty() ? "nothing" : names;
}

// What a program uploads: a batch that has no step yet.
StepInput upload_input(const graph::Batch& batch) {
  return {.rows = batch.rows,
          .row_bytes = batch.row_bytes,
          .transforms = batch.transforms,
          .row_image = batch.row_image,
          .labels = batch.labels,
          .row_weights = batch.row_weights,
          .other_labels = batch.other_labels,
          .other_shares = batch.other_shares};
}

}  // namespace

RowPlan floats_because(const std::string& why) {
  return {.text = fmt::format("upload: f32, because {}", why)};
}

RowPlan plan_rows(const graph::Chain& chain) {
  RowPlan plan{.type = PixelType::u8};
  Behind behind;
  int steps = 0;
  for (std::size_t place = chain.size(); place-- > 0;) {
    const AugmentStage& node = *chain[place];
    if (is_left(node, behind)) {
      plan.left.insert(plan.left.begin(), place);
      steps += is_colour(node) ? 1 : 0;
      behind.left_image = behind.left_image || has_image(node);
      continue;
    }
    if (const auto why = needs_floats(node, behind)) return floats_because(*why);
    behind.add(node);
  }
  if (steps > RowTransform::kSteps)
    return floats_because(
        fmt::format("a row's transform has {} steps, not {}", RowTransform::kSteps, steps));
  plan.text = fmt::format("upload: bytes, {} on the device", names_of(chain, plan.left));
  return plan;
}

RowPlan plan_rows(const graph::Chain& chain, const Program& program) {
  if (!program.takes_bytes()) return float_rows(program, "the program takes no bytes");
  return plan_rows(chain);
}

RowPlan float_rows(const Program& program, const std::string& why) {
  return program.uploads() ? floats_because(why) : RowPlan{};
}

graph::BatchStream collated(graph::ImageStream images, graph::Chain chain, const RowPlan& plan,
                            const Net& net) {
  if (plan.type == PixelType::f32)
    return std::move(images) | std::move(chain) | Collate{net.side, net.channels};
  graph::Chain run, left;
  std::vector<std::size_t> run_behind;
  for (std::size_t place = 0; place < chain.size(); ++place) {
    const bool is_run = std::ranges::find(plan.left, place) == plan.left.end();
    // Of all nodes behind it those that are not left.
    if (!is_run) run_behind.push_back(chain.size() - place - (plan.left.size() - left.size()));
    (is_run ? run : left).push_back(std::move(chain[place]));
  }
  return std::move(images) | std::move(run) |
         graph::leaving(std::move(left), CollateBytes{net.side, net.channels},
                        std::move(run_behind));
}

std::optional<double> Upload::device_seconds() const {
  const auto times = program->device_times();
  return times ? std::optional(times->copy_seconds) : std::nullopt;
}

void Upload::run(graph::Batch& batch, Completion done) {
  program->upload(upload_input(batch), std::move(done));
}

graph::BatchStream uploaded(graph::BatchStream stream, Program& program) {
  if (!program.uploads()) return stream;
  return std::move(stream) | Upload{&program};
}

}  // namespace sluice::nodes
