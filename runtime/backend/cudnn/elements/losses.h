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

  template <class What>
  LossRows(const What& what, const Memory& memory)
      : classes(what.classes),
        scores(read_from<float>(memory, what.scores)),
        labels(read_from<std::int32_t>(memory, what.labels)),
        weights(read_from<float>(memory, what.row_weights)) {}

  SLUICE_HD const float* row(std::int64_t i) const { return scores + i * classes; }
  SLUICE_HD bool counts(std::int64_t i) const { return weights[i] != 0.0F; }
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

// log of the sum of exponentials - score of the label.
struct LogLoss : Exponentials {
  using Part = ScaledSum;
  float* losses;

  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    if (lane != 0) return;
    losses[i] = 0.0F;
    if (!rows.counts(i)) return;
    const auto of_label = static_cast<double>(rows.row(i)[rows.labels[i]]);
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
        const double apart = share - (c == rows.labels[i] ? 1.0 : 0.0);
        slope = static_cast<float>(apart * static_cast<double>(rows.weights[i]));
      }
      gradient.store(i * rows.classes + c, slope);
    }
  }
};

// How far the wrong scores reach over what the label's allows.
struct HingeRows {
  LossRows rows;
  float margin;

  // Calls visit(excess) for each wrong class of the lane that comes within the margin.
  template <class Visit>
  SLUICE_HD void for_each_excess(std::int64_t i, int lane, const Visit& visit) const {
    if (!rows.counts(i)) return;
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      const float over = excess(i, c);
      if (over > 0.0F) visit(over);
    }
  }
  // 0 of the label's own.
  SLUICE_HD float excess(std::int64_t i, std::int64_t c) const {
    const float* scores = rows.row(i);
    return c == rows.labels[i] ? 0.0F : scores[c] - scores[rows.labels[i]] + margin;
  }
  SLUICE_HD static float join(float a, float b) { return a + b; }
};

struct HingeRowLoss : HingeRows {
  using Part = float;
  float* losses;

  SLUICE_HD Part part(std::int64_t i, int lane) const {
    float sum = 0.0F;
    for_each_excess(i, lane, [&](float over) { sum += over; });
    return sum;
  }
  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    if (lane == 0) losses[i] = whole;
  }
};

// The weight for each wrong class within the margin, and minus their sum for the label.
struct HingeGradient : HingeRows {
  using Part = float;  // classes within the margin
  Target gradient;

  SLUICE_HD Part part(std::int64_t i, int lane) const {
    float count = 0.0F;
    for_each_excess(i, lane, [&](float) { count += 1.0F; });
    return count;
  }
  SLUICE_HD void finish(std::int64_t i, int lane, Part whole) const {
    for (std::int64_t c = lane; c < rows.classes; c += kLanes) {
      float slope = 0.0F;
      if (rows.counts(i)) slope = excess(i, c) > 0.0F ? rows.weights[i] : 0.0F;
      if (rows.counts(i) && c == rows.labels[i]) slope = -whole * rows.weights[i];
      gradient.store(i * rows.classes + c, slope);
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
