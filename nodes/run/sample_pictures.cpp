#include "nodes/run/sample_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "augment/antialias.h"
#include "io/encode_jpeg.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/data_source.h"
#include "nodes/run/full_view.h"
#include "nodes/run/image_opener.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// The least and the largest value; of an image that is all the same, around it.
std::pair<float, float> span_of(ConstImageView image) {
  float least = std::numeric_limits<float>::infinity();
  float most = -least;
  const std::size_t row = static_cast<std::size_t>(image.extent.width) * kChannels;
  for (int y = 0; y < image.extent.height; ++y) {
    for (const float value : std::span(image.f32(y), row)) {
      if (!std::isfinite(value)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  if (least > most) return {0.0F, 1.0F};
  return least < most ? std::pair(least, most) : std::pair(least - 1.0F, least + 1.0F);
}

Image as_bytes(ConstImageView image, float black, float white) {
  Image bytes(image.extent, PixelType::u8);
  const std::size_t row = static_cast<std::size_t>(image.extent.width) * kChannels;
  for (int y = 0; y < image.extent.height; ++y) {
    const float* from = image.f32(y);
    std::uint8_t* to = bytes.view().u8(y);
    for (std::size_t i = 0; i < row; ++i) {
      const float level = 255.0F * (from[i] - black) / (white - black);
      to[i] = static_cast<std::uint8_t>(std::clamp(std::isnan(level) ? 0.0F : level, 0.0F, 255.0F) +
                                        0.5F);
    }
  }
  return bytes;
}

Extent within(Extent extent, int side) {
  const int longer = std::max(extent.width, extent.height);
  if (longer <= side) return extent;
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(std::int64_t{length} * side / longer));
  };
  return {scaled(extent.width), scaled(extent.height)};
}

Image made_smaller(ConstImageView image, Extent extent) {
  Image smaller(extent, PixelType::u8);
  if (extent == image.extent) {
    std::memcpy(smaller.view().data, image.data, image_bytes(extent, PixelType::u8));
    return smaller;
  }
  Block scratch =
      Block::allocate(augment::antialias_scratch_bytes(image.extent, extent, PixelType::u8));
  augment::resize_antialias(all_of(image), all_of(smaller.view()), scratch.bytes());
  return smaller;
}

io::SampleStage stage_picture(const std::string& node, ConstImageView image, int side) {
  io::SampleStage stage = picture_of(image, side);
  stage.node = node;
  return stage;
}

// None: a stage refuses the image, or would make too large a one.
std::optional<std::vector<io::SampleStage>> through_chain(const graph::Chain& chain, Image image,
                                                          const graph::SampleId& id,
                                                          std::uint64_t seed,
                                                          const SampleRequest& request) {
  std::vector<io::SampleStage> stages;
  stages.push_back(stage_picture("decode", image.view(), request.side));
  for (const auto& node : chain) {
    if (!stage_fits(*node, seed, id, image.view(), request.bytes)) return std::nullopt;
    StageImage made = apply_stage(*node, seed, id, image.view());
    image = std::move(made.image);
    stages.push_back(stage_picture(node->name(), image.view(), request.side));
    stages.back().decision = words_of(*node, made.decision);
  }
  return stages;
}

// Of a tree that is only measured all are of one class.
std::string label_of(const io::Dataset& data, std::int32_t label) {
  return data.classes.size() < 2 ? std::string() : data.classes.at(static_cast<std::size_t>(label));
}

}  // namespace

Shown shown_as(ConstImageView image, int side) {
  Shown shown;
  if (image.type == PixelType::f32) {
    const auto [black, white] = span_of(image);
    shown.stretched = true;
    shown.black = static_cast<double>(black);
    shown.white = static_cast<double>(white);
    shown.image = as_bytes(image, black, white);
    image = shown.image.view();
  }
  shown.image = made_smaller(image, within(image.extent, side));
  return shown;
}

io::SampleStage picture_of(ConstImageView image, int side) {
  const Shown shown = shown_as(image, side);
  return {.node = {},
          .decision = {},
          .extent = image.extent,
          .shown = shown.image.extent(),
          .jpeg = io::encode_jpeg(shown.image.view(), {.quality = 85}),
          .stretched = shown.stretched,
          .black = shown.black,
          .white = shown.white};
}

std::vector<io::Sample> sample_pictures(const io::Dataset& data, const io::Recipe& recipe,
                                        const Statistics& statistics,
                                        const SampleRequest& request) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  const graph::Chain chain = make_chain(training_chain(recipe), statistics);
  const ImageOpener opener(data, recipe, {.bytes = request.bytes});
  const auto wanted = static_cast<std::size_t>(request.images);
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  DataSource source(data, io::sample_order(count, seed, 0), 0, {.begin = 0, .end = 4 * wanted});
  std::vector<io::Sample> samples;
  while (samples.size() < wanted) {
    const std::optional<graph::SourceItem> item = source.next();
    if (!item) break;
    Result<Image> image = opener.open(*item);
    if (!image) continue;
    auto stages = through_chain(chain, std::move(image.value()), item->id, seed, request);
    if (!stages) continue;
    samples.push_back({.path = std::string(item->path),
                       .label = label_of(data, item->label),
                       .stages = *std::move(stages)});
  }
  return samples;
}

}  // namespace sluice::nodes
