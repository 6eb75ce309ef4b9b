// The three losses, one row a fold: its classes are shared by the lanes. A row of weight 0 is not
// looked at, its label neither.
#pragma once

#include <cmath>
#include <limits>

#include "runtime/backend/cudnn/elements/fold.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

struct LossRows {
  std::int64_t classes;
  const float* scores;
  const std::int32_t* labels;
  const float* weights;
  const std::int32_t* other_labels;
  const float* other_shares;

  template <class What>
  LossRows(const What& what, const Memory& memory)
      : classes(what.classes),
        scores(read_from<float>(memory, what.scores)),
        labels(read_from<std::int32_t>(memory, what.labels)),
        weights(read_from<float>(memory, what.row_weights)),
        other_labels(read_from<std::int32_t>(memory, what.other_labels)),
        other_shares(read_from<float>(memory, what.other_shares)) {}

  SLUICE_HD const float* row(std::int64_t i) const { return scores + i * classes; }
  SLUICE_HD bool counts(std::int64_t i) const { return weights[i] != 0.0F; }
  // Of a row that counts: a label's part of the loss, 0 for classes that are neither.
  SLUICE_HD double part_of(std::int64_t i, std::int64_t c) const {
    const auto other = static_cast<double>(other_shares[i]);
    const double own = c == labels[i] ? 1.0 - other : 0.0;
    return other != 0.0 && c == other_labels[i] ? own + other : own;
  }
};

inline constexpr double kNothing = -std::numeric_limits<double>::infinity();

// sum * exp(largest): shifted by the largest so that nothing overflows. sum 0: of nothing. In
// double, like the other backends': what a nearly certain row's loss is made of would be lost.
struct ScaledSum {
  double largest;
  double sum;
};

// Softmax-loss and map-loss: exp of a row's scores, and of one more score that is fixed (kNothing:
// of none).
struct Exponentials {
  LossRows rows;
  double extra;

  SLUICE_HD ScaledSum part(std::int64_t i, int lane) const {
    ScaledSum part{kNothing, 0.0};
    if (!rows.counts(i)) return part;
    const float* scores = rows.row(i);
    if (lane == 0) part.largest = extra;
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      const auto score = static_cast<double>(scores[c]);
      if (score > part.largest) part.largest = score;
    }
    const double shift = part.largest > kNothing ? part.largest : 0.0;
    if (lane == 0) part.sum = std::exp(extra - shift);
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      part.sum += std::exp(static_cast<double>(scores[c]) - shift);
    }
    return part;
  }
  SLUICE_HD static ScaledSum join(ScaledSum a, ScaledSum b) {
    if (a.sum == 0.0) return b;
    if (b.sum == 0.0) return a;
    const double largest = a.largest > b.largest ? a.largest : b.largest;
    return {largest, a.sum * std::exp(a.largest - largest) + b.sum * std::exp(b.largest - largest)};
  }
};

// log of the sum of exponentials - score of the label (of both labels by their parts).
struct LogLoss : Exponentials {
  using Part = ScaledSum;
  float* losses;

  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    if (lane != 0) return;
    losses[i] = 0.0F;
    if (!rows.counts(i)) return;
    const auto share = static_cast<double>(rows.other_shares[i]);
    auto of_label = static_cast<double>(rows.row(i)[rows.labels[i]]);
    if (share != 0.0)
      of_label =
          (1.0 - share) * of_label + share * static_cast<double>(rows.row(i)[rows.other_labels[i]]);
    losses[i] = static_cast<float>(std::log(whole.sum) - (of_label - whole.largest));
  }
};

// (share of the sum - onehot(label)) * weight.
struct LogLossGradient : Exponentials {
  using Part = ScaledSum;
  Target gradient;

  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    const float* scores = rows.row(i);
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      float slope = 0.0F;
      if (rows.counts(i)) {
        const double share = std::exp(static_cast<double>(scores[c]) - whole.largest) / whole.sum;
        const double apart = share - rows.part_of(i, c);
        slope = static_cast<float>(apart * static_cast<double>(rows.weights[i]));
      }
      gradient.store(i * rows.classes + c, slope);
    }
  }
};

// How far the wrong scores reach over what a label's allows.
struct HingeRows {
  LossRows rows;
  float margin;

  // 0 of the label's own.
  SLUICE_HD float excess(std::int64_t i, std::int64_t c, std::int32_t label) const {
    const float* scores = rows.row(i);
    return c == label ? 0.0F : scores[c] - scores[label] + margin;
  }
  // Of a row that counts, over the lane's classes.
  SLUICE_HD float sum_of_excess(std::int64_t i, int lane, std::int32_t label) const {
    float sum = 0.0F;
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      const float over = excess(i, c, label);
      if (over > 0.0F) sum += over;
    }
    return sum;
  }
  SLUICE_HD float count_of_excess(std::int64_t i, int lane, std::int32_t label) const {
    float count = 0.0F;
    for (std::int64_t c = lane; c < rows.classes; c += kLanes)
      count += excess(i, c, label) > 0.0F ? 1.0F : 0.0F;
    return count;
  }
};

struct HingeRowLoss : HingeRows {
  using Part = float;
  float* losses;

  SLUICE_HD Part part(std::int64_t i, int lane) const {
    if (!rows.counts(i)) return 0.0F;
    const float share = rows.other_shares[i];
    const float sum = sum_of_excess(i, lane, rows.labels[i]);
    if (share == 0.0F) return sum;
    return (1.0F - share) * sum + share * sum_of_excess(i, lane, rows.other_labels[i]);
  }
  SLUICE_HD static float join(float a, float b) { return a + b; }
  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    if (lane == 0) losses[i] = whole;
  }
};

// Classes within the margin of either label.
struct HingeCounts {
  float label = 0.0F;
  float other = 0.0F;
};

// The weight for each wrong class within the margin, and minus their sum for the label; of both
// labels by their parts.
struct HingeGradient : HingeRows {
  using Part = HingeCounts;
  Target gradient;

  SLUICE_HD Part part(std::int64_t i, int lane) const {
    if (!rows.counts(i)) return {};
    Part counts{count_of_excess(i, lane, rows.labels[i]), 0.0F};
    if (rows.other_shares[i] != 0.0F) counts.other = count_of_excess(i, lane, rows.other_labels[i]);
    return counts;
  }
  SLUICE_HD static Part join(Part a, Part b) { return {a.label + b.label, a.other + b.other}; }
  SLUICE_HD float slope(std::int64_t i, std::int64_t c, std::int32_t label, float count) const {
    if (c == label) return -count;
    return excess(i, c, label) > 0.0F ? 1.0F : 0.0F;
  }
  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    const float share = rows.counts(i) ? rows.other_shares[i] : 0.0F;
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      float sum = 0.0F;
      if (rows.counts(i)) sum = slope(i, c, rows.labels[i], whole.label) * rows.weights[i];
      if (share != 0.0F)
        sum = (1.0F - share) * sum +
              share * slope(i, c, rows.other_labels[i], whole.other) * rows.weights[i];
      gradient.store(i * rows.classes + c, sum);
    }
  }
};

inline double fixed_score(const SoftmaxLoss&) { return kNothing; }
inline double fixed_score(const MapLoss& loss) { return -loss.garbage; }

// Visits the loss of an operation.
template <class Executor>
struct RunLossForward {
  const LossForward& what;
  const Memory& memory;
  Executor& executor;

  void operator()(const SoftmaxLoss& loss) const { log_loss(fixed_score(loss)); }
  void operator()(const MapLoss& loss) const { log_loss(fixed_score(loss)); }
  void operator()(const HingeLoss& loss) const {
    const HingeRows rows{LossRows(what, memory), static_cast<float>(loss.margin)};
    executor.fold_each(what.rows, HingeRowLoss{rows, write_to<float>(memory, what.losses)});
  }

 private:
  void log_loss(double extra) const {
    const Exponentials of_rows{LossRows(what, memory), extra};
    executor.fold_each(what.rows, LogLoss{of_rows, write_to<float>(memory, what.losses)});
  }
};

template <class Executor>
struct RunLossBackward {
  const LossBackward& what;
  const Memory& memory;
  Executor& executor;

  void operator()(const SoftmaxLoss& loss) const { log_loss(fixed_score(loss)); }
  void operator()(const MapLoss& loss) const { log_loss(fixed_score(loss)); }
  void operator()(const HingeLoss& loss) const {
    const HingeRows rows{LossRows(what, memory), static_cast<float>(loss.margin)};
    executor.fold_each(what.rows, HingeGradient{rows, Target(memory, what.scores_gradient)});
  }

 private:
  void log_loss(double extra) const {
    const Exponentials of_rows{LossRows(what, memory), extra};
    executor.fold_each(what.rows, LogLossGradient{of_rows, Target(memory, what.scores_gradient)});
  }
};

template <class Executor>
void run(const LossForward& what, const Memory& memory, Executor& executor) {
  std::visit(RunLossForward<Executor>{what, memory, executor}, what.spec);
}

template <class Executor>
void run(const LossBackward& what, const Memory& memory, Executor& executor) {
  std::visit(RunLossBackward<Executor>{what, memory, executor}, what.spec);
}

}  // namespace sluice::cudnn::elements
