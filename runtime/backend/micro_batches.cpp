#include "runtime/backend/micro_batches.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/backend/step_part.h"
#include "runtime/error.h"

namespace sluice {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;  // floats

void add(std::span<const float> from, std::span<float> to) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, to.size(), kPiece),
                    [&](const tbb::blocked_range<std::size_t>& range) {
                      for (std::size_t i = range.begin(); i < range.end(); ++i) to[i] += from[i];
                    });
}

class MicroBatches final : public Program {
 public:
  MicroBatches(std::unique_ptr<Program> pieces, const Net& net, NetState& state,
               const ProgramOptions& options, int micro_batch)
      : pieces_(std::move(pieces)),
        state_(state),
        keep_(options.keep),
        training_(options.purpose == Purpose::training),
        batch_(static_cast<std::size_t>(options.batch)),
        micro_(static_cast<std::size_t>(micro_batch)),
        scores_(batch_ * static_cast<std::size_t>(class_count(net))),
        row_losses_(batch_) {}

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return row_losses_; }
  Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override;

 private:
  std::size_t pieces() const { return (batch_ + micro_ - 1) / micro_; }
  void forward_piece(std::size_t piece, Completion done);
  void backward_piece(std::size_t piece, Completion done);
  void finish_backward(Completion done);
  void gather(std::size_t piece);
  void add_gradients();

  std::unique_ptr<Program> pieces_;
  NetState& state_;
  std::vector<std::string> keep_;
  bool training_;
  std::size_t batch_;
  std::size_t micro_;
  std::vector<float> scores_;
  std::vector<float> row_losses_;
  std::map<std::string, Tensor, std::less<>> kept_;
  std::vector<Tensor> sums_;  // gradients of the pieces before the last
  StepInput step_;
  StepPart part_;
};

void MicroBatches::run(Phase phase, const StepInput& input, Completion done) {
  if (phase == Phase::forward) {
    require(input.labels.size() == batch_ && input.row_weights.size() == batch_,
            "a step of {} labels and {} row weights, a batch needs {} of each", input.labels.size(),
            input.row_weights.size(), batch_);
    step_ = input;
    return forward_piece(0, std::move(done));
  }
  if (phase == Phase::backward) return finish_backward(std::move(done));
  pieces_->run(phase, input, std::move(done));
}

// A piece forward, then backward and the next piece, until the last has gone forward.
void MicroBatches::forward_piece(std::size_t piece, Completion done) {
  const StepInput part = part_.of(step_, {.first = piece * micro_, .rows = micro_});
  pieces_->run(Phase::forward, part,
               [this, piece, done = std::move(done)](std::exception_ptr failure) mutable {
                 if (failure) return done(failure);
                 gather(piece);
                 if (piece + 1 == pieces()) return done(nullptr);
                 if (training_) return backward_piece(piece, std::move(done));
                 forward_piece(piece + 1, std::move(done));
               });
}

void MicroBatches::backward_piece(std::size_t piece, Completion done) {
  const StepInput part = part_.of(step_, {.first = piece * micro_, .rows = micro_});
  pieces_->run(Phase::backward, part,
               [this, piece, done = std::move(done)](std::exception_ptr failure) mutable {
                 if (failure) return done(failure);
                 if (piece == 0) {
                   sums_.clear();
                   for (Parameter& parameter : state_.parameters())
                     sums_.push_back(parameter.gradient.clone());
                 } else {
                   add_gradients();
                 }
                 forward_piece(piece + 1, std::move(done));
               });
}

void MicroBatches::add_gradients() {
  for (std::size_t i = 0; i < sums_.size(); ++i)
    add(state_.parameters()[i].gradient.values(), sums_[i].values());
}

void MicroBatches::finish_backward(Completion done) {
  const std::size_t last = pieces() - 1;
  const StepInput part = part_.of(step_, {.first = last * micro_, .rows = micro_});
  pieces_->run(Phase::backward, part, [this, done = std::move(done)](std::exception_ptr failure) {
    if (failure) return done(failure);
    for (std::size_t i = 0; i < sums_.size(); ++i)
      add(sums_[i].values(), state_.parameters()[i].gradient.values());
    state_.gradient_rows = counted_rows(step_);
    done(nullptr);
  });
}

// What callers read of the whole batch.
void MicroBatches::gather(std::size_t piece) {
  const std::size_t first = piece * micro_;
  const std::size_t rows = std::min(micro_, batch_ - first);
  const std::size_t classes = scores_.size() / batch_;
  std::ranges::copy(pieces_->scores().first(rows * classes),
                    scores_.begin() + static_cast<std::ptrdiff_t>(first * classes));
  std::ranges::copy(pieces_->row_losses().first(rows),
                    row_losses_.begin() + static_cast<std::ptrdiff_t>(first));
  for (const std::string& layer : keep_) {
    const Tensor output = pieces_->output(layer);
    std::vector<std::int64_t> sizes = output.shape().sizes();
    sizes[0] = static_cast<std::int64_t>(batch_);
    if (piece == 0) kept_[layer] = Tensor(Shape(std::move(sizes)));
    const std::size_t row = output.values().size() / micro_;
    std::ranges::copy(output.values().first(rows * row),
                      kept_[layer].values().begin() + static_cast<std::ptrdiff_t>(first * row));
  }
}

Tensor MicroBatches::output(std::string_view layer) const {
  const auto found = kept_.find(layer);
  if (found != kept_.end()) return found->second.clone();
  return pieces_->output(layer);  // which says why there is none
}

std::size_t MicroBatches::bytes() const {
  std::size_t sums = 0;
  for (const Parameter& parameter : state_.parameters())
    sums += parameter.layout->floats() * sizeof(float);
  return pieces_->bytes() + (training_ ? sums : 0) +
         (scores_.size() + row_losses_.size()) * sizeof(float);
}

}  // namespace

std::unique_ptr<Program> compile_micro_batched(Backend& backend, const Net& net, NetState& state,
                                               const ProgramOptions& options, int micro_batch) {
  require(micro_batch > 0, "a micro-batch of {} rows; valid: 1 to the batch, {}", micro_batch,
          options.batch);
  if (micro_batch >= options.batch) return backend.compile(net, state, options);
  ProgramOptions piece = options;
  piece.batch = micro_batch;
  return std::make_unique<MicroBatches>(backend.compile(net, state, piece), net, state, options,
                                        micro_batch);
}

}  // namespace sluice
