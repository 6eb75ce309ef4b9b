#include "runtime/backend/micro_batches.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/backend/gathered.h"
#include "runtime/backend/step_checks.h"
#include "runtime/backend/step_part.h"
#include "runtime/error.h"

namespace sluice {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;  // floats

// A thread that waits here must not pick up a decode task.
void add(std::span<const float> from, std::span<float> to) {
  run_isolated([&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, to.size(), kPiece),
                      [&](const tbb::blocked_range<std::size_t>& range) {
                        for (std::size_t i = range.begin(); i < range.end(); ++i) to[i] += from[i];
                      });
  });
}

class MicroBatches final : public Program {
 public:
  MicroBatches(std::unique_ptr<Program> pieces, const Net& net, NetState& state,
               const ProgramOptions& options, MicroBatch micro_batch)
      : net_(net),
        state_(state),
        options_(options),
        shapes_(infer_shapes(net)),
        batch_(static_cast<std::size_t>(options.batch)),
        micro_(static_cast<std::size_t>(micro_batch.rows)),
        scores_(batch_ * static_cast<std::size_t>(class_count(net))),
        row_losses_(batch_),
        pieces_(std::move(pieces)) {}

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return row_losses_; }
  Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override;
  void upload(const StepInput& input, Completion done) override;
  bool uploads() const override { return pieces_->uploads(); }
  bool takes_bytes() const override { return pieces_->takes_bytes(); }
  RowMemory row_memory() const override { return pieces_->row_memory(); }
  void settle() noexcept override { pieces_->settle(); }
  std::string_view place() const override { return pieces_->place(); }
  std::optional<DeviceTimes> device_times() const override { return pieces_->device_times(); }
  void record_device_spans(std::size_t most) override { pieces_->record_device_spans(most); }
  DeviceSpans device_spans() const override { return pieces_->device_spans(); }
  std::vector<LayerRecord> layers() const override;

 private:
  bool training() const { return options_.purpose == Purpose::training; }
  std::size_t pieces() const { return (batch_ + micro_ - 1) / micro_; }
  // A phase of a piece: whether `run` returned or the phase ended first.
  struct Progress {
    enum State { running, ended, left };
    std::atomic<State> state = running;
    std::exception_ptr failure;
  };

  RowRange range(std::size_t piece) const { return {.first = piece * micro_, .rows = micro_}; }
  void check(const StepInput& input) const;
  StepInput part_of(std::size_t piece, Phase phase);
  void go_on(std::size_t piece, Phase phase, Completion done);
  void after(std::size_t piece, Phase phase, std::exception_ptr failure, const Completion& done);
  void look(std::size_t piece, Phase phase);
  void finish_backward(Completion done);
  void gather(std::size_t piece);
  void add_gradients();
  void add_last_gradients();

  Net net_;
  NetState& state_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  std::size_t batch_;
  std::size_t micro_;
  std::vector<float> scores_;
  std::vector<float> row_losses_;
  std::map<std::string, Tensor, std::less<>> kept_;
  std::vector<Tensor> sums_;  // gradients of the pieces before the last
  StepInput step_;
  StepPart part_;
  std::unique_ptr<Program> pieces_;  // last: it must have ended before the rest goes
};

void MicroBatches::run(Phase phase, const StepInput& input, Completion done) {
  if (phase == Phase::forward) {
    check(input);
    step_ = input;
    return go_on(0, Phase::forward, std::move(done));
  }
  if (phase == Phase::backward) return finish_backward(std::move(done));
  require(phase == Phase::update, "a step in micro-batches has no phase {}", phase_name(phase));
  pieces_->run(phase, input, std::move(done));
}

// Here, so that rows are named as the caller's.
void MicroBatches::check(const StepInput& input) const {
  check_input(net_, options_, shapes_, input, row_forms_of(*pieces_));
}

// A piece's rows are copied while the piece before it is computed; the pieces' program remembers
// those that it has no room for yet.
void MicroBatches::upload(const StepInput& input, Completion done) {
  if (!uploads()) return done(nullptr);
  check(input);
  const auto all = std::make_shared<Gathered>(static_cast<int>(pieces()), std::move(done));
  for (std::size_t piece = 0; piece < pieces(); ++piece)
    pieces_->upload(rows_of_part(input, range(piece)),
                    [all](std::exception_ptr failure) { all->tell(std::move(failure)); });
}

// A piece forward, then backward and the next piece, until the last has gone forward. A backend
// that is done when `run` returns is asked again from this loop; one that is done later goes on
// from its completion. (Completions that call the next phase themselves would nest as deep as there
// are pieces.)
void MicroBatches::go_on(std::size_t piece, Phase phase, Completion done) {
  const std::size_t last = pieces() - 1;
  const auto step = std::make_shared<Progress>();
  for (;;) {
    step->state = Progress::running;
    pieces_->run(phase, part_of(piece, phase),
                 [this, step, piece, phase, done](std::exception_ptr failure) {
                   step->failure = failure;
                   if (step->state.exchange(Progress::ended) == Progress::running) return;
                   after(piece, phase, failure, done);  // `run` had returned: nobody is in the loop
                 });
    if (step->state.exchange(Progress::left) == Progress::running) return;
    if (step->failure) return done(step->failure);
    if (const auto failure = failure_of([&] { look(piece, phase); })) return done(failure);
    if (phase == Phase::forward && piece == last) return done(nullptr);
    const bool to_backward = phase == Phase::forward && training();
    piece += to_backward ? 0 : 1;
    phase = to_backward ? Phase::backward : Phase::forward;
  }
}

// The same as one turn of the loop, in a completion.
void MicroBatches::after(std::size_t piece, Phase phase, std::exception_ptr failure,
                         const Completion& done) {
  if (!failure) failure = failure_of([&] { look(piece, phase); });
  if (failure) return done(failure);
  if (phase == Phase::forward && piece + 1 == pieces()) return done(nullptr);
  if (phase == Phase::forward && training()) return go_on(piece, Phase::backward, done);
  go_on(piece + 1, Phase::forward, done);
}

// Steps are the whole batch's.
std::vector<LayerRecord> MicroBatches::layers() const {
  std::vector<LayerRecord> rows = pieces_->layers();
  for (LayerRecord& row : rows) row.steps /= static_cast<std::int64_t>(pieces());
  return rows;
}

// Each phase is looked at, so each is its piece's last.
StepInput MicroBatches::part_of(std::size_t piece, Phase phase) {
  StepInput part = part_.of(step_, range(piece));
  part.last = phase;
  return part;
}

// What a piece leaves behind.
void MicroBatches::look(std::size_t piece, Phase phase) {
  if (phase == Phase::forward) return gather(piece);
  if (piece > 0) return add_gradients();
  sums_.resize(state_.parameters().size());
  run_isolated([&] {
    for (std::size_t i = 0; i < sums_.size(); ++i)
      copy_tensor(state_.parameters()[i].gradient, sums_[i]);
  });
}

void MicroBatches::add_gradients() {
  for (std::size_t i = 0; i < sums_.size(); ++i)
    add(state_.parameters()[i].gradient.values(), sums_[i].values());
}

void MicroBatches::finish_backward(Completion done) {
  pieces_->run(Phase::backward, part_of(pieces() - 1, Phase::backward),
               [this, done = std::move(done)](std::exception_ptr failure) {
                 if (!failure) failure = failure_of([this] { add_last_gradients(); });
                 done(failure);
               });
}

void MicroBatches::add_last_gradients() {
  for (std::size_t i = 0; i < sums_.size(); ++i)
    add(sums_[i].values(), state_.parameters()[i].gradient.values());
  state_.gradient_rows = counted_rows(step_);
}

// What callers read of the whole batch.
void MicroBatches::gather(std::size_t piece) {
  const auto put = [&](std::span<const float> from, std::span<float> to) {
    put_rows(range(piece), batch_, from, to);
  };
  put(pieces_->scores(), scores_);
  put(pieces_->row_losses(), row_losses_);
  for (const std::string& layer : options_.keep) {
    if (piece == 0) kept_[layer] = Tensor(kept_layer(net_, options_, shapes_, layer).output);
    put(pieces_->output(layer).values(), kept_[layer].values());
  }
}

Tensor MicroBatches::output(std::string_view layer) const {
  const auto found = kept_.find(layer);
  if (found != kept_.end()) return found->second.clone();
  return pieces_->output(layer);  // which says why there is none
}

std::size_t MicroBatches::bytes() const {
  std::size_t floats = scores_.size() + row_losses_.size();
  for (const Parameter& parameter : state_.parameters())
    floats += training() ? parameter.layout->floats() : 0;
  for (const std::string& layer : options_.keep)
    floats +=
        static_cast<std::size_t>(kept_layer(net_, options_, shapes_, layer).output.elements());
  return pieces_->bytes() + floats * sizeof(float);
}

}  // namespace

std::unique_ptr<Program> compile_micro_batched(Backend& backend, const Net& net, NetState& state,
                                               const ProgramOptions& options,
                                               MicroBatch micro_batch) {
  require(micro_batch.rows > 0, "a micro-batch of {} rows; valid: 1 to the batch, {}",
          micro_batch.rows, options.batch);
  if (micro_batch.rows >= options.batch) return backend.compile(net, state, options);
  refuse_row_gradients("a step in micro-batches", options);
  ProgramOptions piece = options;
  piece.batch = micro_batch.rows;
  return std::make_unique<MicroBatches>(backend.compile(net, state, piece), net, state, options,
                                        micro_batch);
}

}  // namespace sluice
