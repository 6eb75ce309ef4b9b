#include "nodes/run/full_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include "graph/pipeline.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/run/image_sizes.h"
#include "nodes/run/stage_image.h"
#include "nodes/run/statistics.h"
#include "nodes/run/view_chain.h"
#include "runtime/error.h"
#include "runtime/net/dense_form.h"

namespace sluice::nodes {
namespace {

constexpr std::int64_t kMostDraws = 20'000'000;  // of looking ahead: seconds
constexpr std::int64_t kMostEpochs = 64;

void refuse(bool said, std::string_view key, std::string_view valid) {
  require(!said,
          "{} is not for whole images (train.view = \"full\"); valid: {}, or train.view = "
          "\"crop\"",
          key, valid);
}

// About how many places the net's square has in an image, of the net's stride each way.
std::int64_t windows(Extent image, int side) {
  constexpr std::int64_t kStride = 32;
  return (image.width - side + kStride) * (image.height - side + kStride);
}

// What a program takes grows with pixels and, behind the last map, with windows.
bool at_least(Extent large, Extent small, int side) {
  return large.pixels() >= small.pixels() && windows(large, side) >= windows(small, side);
}

}  // namespace

bool is_full_view(const io::Recipe& recipe) { return recipe.text("train.view") == "full"; }

std::vector<io::ChainEntry> training_chain(const io::Recipe& recipe) {
  return is_full_view(recipe) ? without_last_crop(recipe.augment) : recipe.augment;
}

void check_full_view(const io::Recipe& recipe, const Net& net) {
  if (!is_full_view(recipe)) return;
  (void)dense_form(net, {net.side, net.side});
  refuse(recipe.real("train.mixup") > 0.0, "train.mixup", "0");
  refuse(recipe.real("train.cutmix") > 0.0, "train.cutmix", "0");
  refuse(recipe.integer("train.replicas") > 1, "train.replicas", "1");
  refuse(recipe.integer("train.micro_batch") > 0, "train.micro_batch",
         "0 with a smaller train.batch");
  refuse(recipe.text("train.rule") != "sgd", "train.rule = \"diagonal-lm\"", "\"sgd\"");
  refuse(!recipe.text("run.dump").empty(), "run.dump", "none");
  for (const auto& stage : make_chain(training_chain(recipe), neutral_statistics(recipe)))
    require(stage->group() == 1,
            "augment.{}.group = {}: batches of one size have no fixed neighbours (train.view = "
            "\"full\"); valid: 1",
            stage->name(), stage->group());
}

std::optional<Extent> row_size(Extent image, int net_side, int step) {
  if (image.width < net_side || image.height < net_side) return std::nullopt;
  const auto down = [&](int side) { return net_side + (side - net_side) / step * step; };
  return Extent{down(image.width), down(image.height)};
}

FullView::FullView(const io::Dataset& data, const io::Recipe& recipe, const Net& net)
    : images_(image_sizes(data, recipe)),
      chain_(make_chain(training_chain(recipe), neutral_statistics(recipe))),
      seed_(static_cast<std::uint64_t>(recipe.integer("seed"))),
      max_pixels_(graph::PipelineOptions{}.max_pixels),
      side_(net.side),
      step_(static_cast<int>(recipe.integer("train.full_step"))),
      channels_(net.channels) {
  look_ahead();
  require(
      largest_ != Extent{},
      "train.view = \"full\": behind the chain none of the {} images of {} can be read and is as "
      "large as the net's {} x {}; valid: JPEG files, a rescale to at least that side",
      images_.size(), data.root.string(), side_, side_);
}

void FullView::look_ahead() {
  const auto images = static_cast<std::int64_t>(images_.size());
  const std::int64_t epochs =
      std::clamp(kMostDraws / std::max<std::int64_t>(images, 1), std::int64_t{1}, kMostEpochs);
  std::set<std::pair<int, int>> sizes;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    for (std::uint32_t number = 0; number < images_.size(); ++number) {
      const auto size = behind(epoch, number);
      if (!size) continue;
      sizes.emplace(size->width, size->height);
      if (size->pixels() > largest_.pixels()) largest_ = *size;
    }
  }
  count_ = sizes.size();
  for (const auto& [width, height] : sizes) {
    const Extent size{width, height};
    if (within(size)) continue;
    std::erase_if(outermost_, [&](Extent other) { return at_least(size, other, side_); });
    outermost_.push_back(size);
  }
}

bool FullView::within(Extent size) const {
  return std::ranges::any_of(outermost_,
                             [&](Extent known) { return at_least(known, size, side_); });
}

// Its row's size, with the draws of that epoch.
std::optional<Extent> FullView::behind(std::uint32_t epoch, std::uint32_t number) const {
  if (!images_[number]) return std::nullopt;
  Extent image = *images_[number];
  for (const auto& stage : chain_) {
    if (stage->refuses(image)) return std::nullopt;
    Random random = stage_random(*stage, seed_, {.epoch = epoch, .number = number});
    image = stage->extent_after(stage->draw(random, image), image);
    if (image.pixels() > max_pixels_) return std::nullopt;
  }
  return row_size(image, side_, step_);
}

// The longer side gives way, by whole steps.
Extent FullView::cut(Extent size) const {
  while (!within(size)) {
    int& longer = size.width > size.height ? size.width : size.height;
    longer -= std::min(step_, longer - side_);
  }
  return size;
}

RowSizes FullView::sizes_in(std::uint32_t epoch) const {
  RowSizes sizes;
  for (std::uint32_t number = 0; number < images_.size(); ++number)
    sizes.push_back(cut(behind(epoch, number).value_or(Extent{side_, side_})));
  return sizes;
}

EpochPlan plan_epoch(const io::Recipe& recipe, std::uint32_t epoch, std::uint32_t images,
                     const RowSizes* sizes) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  const auto batch = static_cast<int>(recipe.integer("train.batch"));
  auto order = io::sample_order(images, seed, epoch);
  if (sizes == nullptr) return plan_batches(std::move(order), batch);
  return plan_batches_by_size(order, *sizes, batch);
}

}  // namespace sluice::nodes
