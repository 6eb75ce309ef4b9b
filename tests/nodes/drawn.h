// What a stage decides and makes for one sample, as the pipeline would draw it.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "graph/stage.h"
#include "runtime/image.h"
#include "runtime/memory.h"

namespace sluice::nodes {

struct Drawn {
  std::string text;
  Extent extent;
  std::vector<std::byte> pixels;

  friend bool operator==(const Drawn&, const Drawn&) = default;
};

inline Image noise_image(Extent extent, std::uint32_t number) {
  Image image(extent, PixelType::u8);
  Random random({.seed = 8, .sample = number, .stream = stream_id("test/image")});
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width * kChannels; ++x)
      image.view().u8(y)[x] = static_cast<std::uint8_t>(random.below(256));
  return image;
}

inline graph::DecisionBox decision_of(const graph::AugmentStage& stage, std::uint32_t sample,
                                      Extent extent) {
  Random random({.seed = 11,
                 .epoch = 2,
                 .sample = sample / stage.group(),
                 .stream = stream_id("augment/" + stage.name())});
  return stage.draw(random, extent);
}

inline Drawn drawn_by(const graph::AugmentStage& stage, std::uint32_t sample, const Image& image) {
  const graph::DecisionBox decision = decision_of(stage, sample, image.extent());
  const Extent extent = stage.extent_after(decision, image.extent());
  Image to(extent, stage.type_after(image.type()));
  const std::size_t scratch = stage.scratch_bytes(decision, image.extent(), image.type());
  stage.apply(all_of(image.view()), decision, all_of(to.view()),
              Block::allocate(scratch).bytes().first(scratch));
  const std::byte* data = to.view().data;
  return {stage.text(decision), extent, {data, data + image_bytes(extent, to.type())}};
}

}  // namespace sluice::nodes
