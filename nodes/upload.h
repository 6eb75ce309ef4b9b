// From a chain's images to where a net reads them: what of the chain is left to a device, and the
// node that begins the copy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/stream.h"
#include "runtime/backend/backend.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// How a pipeline stores the rows of its batches.
struct RowPlan {
  PixelType type = PixelType::f32;
  // u8: the chain's nodes, by their place, that are not run but left to whoever reads the rows.
  std::vector<std::size_t> left{};
  // For people: "upload: bytes, flip + mean on the device", "upload: f32, because NODE needs
  // pixels"; empty where nothing is uploaded.
  std::string text{};
};

// Rows of bytes, with as much as possible of the chain left to the device:
//   colour nodes that treat every pixel alike, where only nodes that move pixels (crops, flips) are
//   behind them: they change places with those without changing a bit;
//   one that subtracts a mean image, where only crops are run behind it: each row's place in the
//   image goes with the row;
//   flips with no node behind them that is run (a crop stays on the CPU: only what it keeps is
//   decoded), or is left and subtracts an image.
// Rows of floats where a node needs floats, or the colour nodes are more than a RowTransform holds.
RowPlan plan_rows(const graph::Chain& chain);

// The same for what reads the rows: floats and no words where `program` uploads nothing.
RowPlan plan_rows(const graph::Chain& chain, const Program& program);

// Rows of floats for who uploads, and why: "a dump shows pixels".
RowPlan floats_because(const std::string& why);

// The same for a program; no words where it uploads nothing.
RowPlan float_rows(const Program& program, const std::string& why);

// The rest of the chain, and `collate` for the net's rows.
graph::BatchStream collated(graph::ImageStream images, graph::Chain chain, const RowPlan& plan,
                            const Net& net);

// Begins to copy a batch's rows to where forward reads them, while batches before it are trained.
// The rows stay until the step's last phase, because the batch does.
struct Upload {
  static constexpr graph::NodeInfo info{.name = "upload",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "copies rows to the device"};

  Program* program = nullptr;

  std::string place() const { return std::string(program->place()); }
  std::optional<double> device_seconds() const;
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Upload>);

// `stream` with an upload node where the program wants one.
graph::BatchStream uploaded(graph::BatchStream stream, Program& program);

}  // namespace sluice::nodes
