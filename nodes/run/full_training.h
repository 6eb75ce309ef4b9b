// What training and profiling on whole images share: the program, its memory, the rows.
#pragma once

#include <cstddef>
#include <memory>

#include "graph/stream.h"
#include "nodes/full_program.h"
#include "nodes/full_rows.h"
#include "nodes/run/full_view.h"
#include "runtime/backend/backend.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// A net that is trained on whole images. Refers to all of it.
struct FullNet {
  const FullView& view;
  const Net& net;
  NetState& state;
  Backend& backend;
};

// Throws Error{usage} where layers of whole images are to be timed: each size has its own.
void check_full_layers(const io::Recipe& recipe, LayerTimes times);

// Throws Error{usage} for a backend that cannot compute whole images.
void check_full_backend(const io::Recipe& recipe, const Backend& backend);

// What its programs take at one time with these options: all sizes' where that is little, else
// those that were used last. Inside the arena.
FullProgram::Room full_room(const FullNet& full, const ProgramOptions& options);

// Inside the arena; what `full` refers to must outlive it.
std::unique_ptr<Program> compile_full(const FullNet& full, const ProgramOptions& options);

// Images to batches of rows. `sizes` must outlive the pipeline.
graph::BatchStream full_batches(graph::ImageStream images, graph::Chain chain, const FullView& view,
                                const RowSizes& sizes);

// Lines for people: before the sizes are known, and then.
std::string full_view_begins(const io::Dataset& data);
std::string full_view_text(const FullView& view);

}  // namespace sluice::nodes
