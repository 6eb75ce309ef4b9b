// One stage of a chain on one whole image, in the calling thread: for who looks at chains from
// outside a pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "graph/batch.h"
#include "graph/stage.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::nodes {

// Where a stage's draws for an image come from, as graph's executors have it.
Random stage_random(const graph::AugmentStage& stage, std::uint64_t seed,
                    const graph::SampleId& id);

// What one stage of a chain makes of a whole image.
struct StageImage {
  graph::DecisionBox decision;
  Image image;
};
// With the draws of (seed, id), as graph's executors have them: what they store is made of the same
// pixels. `from` is not refused by the stage.
StageImage apply_stage(const graph::AugmentStage& stage, std::uint64_t seed,
                       const graph::SampleId& id, ConstImageView from);

// Whether the stage takes the image, and needs no more than so many bytes for what it makes of it.
bool stage_fits(const graph::AugmentStage& stage, std::uint64_t seed, const graph::SampleId& id,
                ConstImageView from, std::size_t bytes);

// The decision as people read it; empty where there was nothing to decide.
std::string words_of(const graph::AugmentStage& stage, const graph::DecisionBox& decision);

}  // namespace sluice::nodes
