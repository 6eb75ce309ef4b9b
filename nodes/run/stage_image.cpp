#include "nodes/run/stage_image.h"

#include "augment/decision.h"

namespace sluice::nodes {

Random stage_random(const graph::AugmentStage& stage, std::uint64_t seed,
                    const graph::SampleId& id) {
  const std::uint32_t group = stage.group();
  return Random({.seed = seed,
                 .epoch = id.epoch,
                 .sample = group > 1 ? id.position / group : id.number,
                 .stream = stream_id("augment/" + stage.name())});
}

bool stage_fits(const graph::AugmentStage& stage, std::uint64_t seed, const graph::SampleId& id,
                ConstImageView from, std::size_t bytes) {
  if (stage.refuses(from.extent)) return false;
  Random random = stage_random(stage, seed, id);
  const graph::DecisionBox decision = stage.draw(random, from.extent);
  const Extent after = stage.extent_after(decision, from.extent);
  return after.pixels() > 0 && image_bytes(after, stage.type_after(from.type)) <= bytes &&
         stage.scratch_bytes(decision, from.extent, from.type) <= bytes;
}

std::string words_of(const graph::AugmentStage& stage, const graph::DecisionBox& decision) {
  std::string words = stage.text(decision);
  return words == augment::NoDecision{}.text() ? std::string() : words;
}

StageImage apply_stage(const graph::AugmentStage& stage, std::uint64_t seed,
                       const graph::SampleId& id, ConstImageView from) {
  Random random = stage_random(stage, seed, id);
  StageImage made{.decision = stage.draw(random, from.extent), .image = {}};
  made.image = Image(stage.extent_after(made.decision, from.extent), stage.type_after(from.type));
  const std::size_t bytes = stage.scratch_bytes(made.decision, from.extent, from.type);
  Block scratch = bytes == 0 ? Block() : Block::allocate(bytes);
  stage.apply(all_of(from), made.decision, all_of(made.image.view()), scratch.bytes());
  return made;
}

}  // namespace sluice::nodes
