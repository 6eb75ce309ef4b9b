#include "nodes/mix.h"

#include "runtime/error.h"
#include "runtime/random.h"

namespace sluice::nodes {
namespace {

// The label of the row before; of the first the last one's.
void take_other_labels(graph::Batch& batch, std::size_t count) {
  batch.other_labels.assign(batch.labels.size(), 0);
  for (std::size_t row = 0; row < count; ++row)
    batch.other_labels[row] = batch.labels[row == 0 ? count - 1 : row - 1];
}

}  // namespace

Mixtures mixtures(const io::Recipe& recipe) {
  Mixtures ways;
  if (const double alpha = recipe.real("train.mixup"); alpha > 0.0)
    ways.mixup = augment::MixUp{.alpha = alpha};
  if (const double alpha = recipe.real("train.cutmix"); alpha > 0.0)
    ways.cutmix = augment::CutMix{.alpha = alpha};
  require(!ways.any() || recipe.text("run.dump").empty(),
          "run.dump: steps are dumped with one label a row, and train.mixup or train.cutmix gives "
          "two; valid: one of them");
  if (ways.mixup) ways.mixup->check();
  if (ways.cutmix) ways.cutmix->check();
  return ways;
}

void Mix::run(graph::Batch& batch, Completion done) {
  const auto count = static_cast<std::size_t>(batch.count);
  const augment::BatchRows rows{.values = batch.rows,
                                .extent = {of.side, of.side},
                                .channels = of.channels,
                                .weights = std::span<const float>(batch.row_weights).first(count)};
  scratch.resize(rows.row_values());
  batch.other_shares.assign(batch.row_weights.size(), 0.0F);
  take_other_labels(batch, count);
  const augment::Shares shares = std::span(batch.other_shares).first(count);
  Random random({.seed = of.seed,
                 .epoch = batch.epoch,
                 .sample = count > 0 ? batch.ids.front().position : 0,
                 .stream = stream_id("batch/mix")});
  const bool both = ways.mixup && ways.cutmix;
  const bool cut = both ? random.uniform() < 0.5 : ways.cutmix.has_value();
  if (cut) {
    ways.cutmix->apply(rows, ways.cutmix->draw(random, rows.extent), shares, scratch);
  } else {
    ways.mixup->apply(rows, ways.mixup->draw(random), shares, scratch);
  }
  done(nullptr);
}

RowPlan plan_mixed_rows(const graph::Chain& chain, const Program& program, const Mixtures& ways) {
  return ways.any() ? float_rows(program, kMixedAsFloats) : plan_rows(chain, program);
}

graph::BatchStream mixed(graph::BatchStream stream, const Mixtures& ways, const MixedRows& rows) {
  if (!ways.any()) return stream;
  return std::move(stream) | Mix{.ways = ways, .of = rows};
}

}  // namespace sluice::nodes
