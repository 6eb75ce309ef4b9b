#include "runtime/backend/replicas.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "runtime/backend/gathered.h"
#include "runtime/backend/micro_batches.h"
#include "runtime/backend/step_checks.h"
#include "runtime/backend/step_part.h"
#include "runtime/collective/in_process.h"
#include "runtime/error.h"

namespace sluice {
namespace {

Net without_start(Net net) {
  for (Layer& layer : net.layers)
    layer.start = {.weights = Start::Weights::normal, .deviation = 0.0, .bias = 0.0};
  return net;
}

struct Replica {
  NetState* state = nullptr;
  std::unique_ptr<NetState> own{};  // none: the caller's
  StepPart part{};
  float rows = 0.0F;                   // behind its gradient sums, then behind everybody's
  std::unique_ptr<Program> program{};  // last: it must have ended before what it reads goes
};

class Replicas final : public Program {
 public:
  Replicas(Backend& backend, const Net& net, NetState& state, const ProgramOptions& options,
           StepDivision division);

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return row_losses_; }
  Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override;
  void upload(const StepInput& input, Completion done) override;
  bool uploads() const override { return first().uploads(); }
  bool takes_bytes() const override { return first().takes_bytes(); }
  RowMemory row_memory() const override { return first().row_memory(); }
  void settle() noexcept override {
    for (Replica& replica : replicas_) replica.program->settle();
  }
  std::string_view place() const override { return first().place(); }
  std::vector<LayerRecord> layers() const override;

 private:
  const Program& first() const { return *replicas_.front().program; }
  RowRange range(std::size_t replica) const { return {.first = replica * rows_, .rows = rows_}; }
  void check(const StepInput& input) const;
  StepInput part_of(std::size_t replica, Phase phase);
  void forward(const StepInput& input, Completion done);
  void backward(Completion done);
  void update(const StepInput& input, Completion done);
  void bring_gradients();
  void exchange(std::size_t replica, const std::shared_ptr<Gathered>& all);
  void gather(std::size_t replica);
  void follow_state();

  InProcessCollective collective_;
  Net net_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  std::size_t batch_;
  std::size_t rows_;  // of a replica
  std::vector<float> scores_;
  std::vector<float> row_losses_;
  StepInput step_;
  std::uint64_t seen_version_ = 0;
  bool followed_ = false;
  std::vector<Replica> replicas_;  // last: their programs must have ended before the rest goes
};

Replicas::Replicas(Backend& backend, const Net& net, NetState& state, const ProgramOptions& options,
                   StepDivision division)
    : collective_(division.replicas),
      net_(net),
      options_(options),
      shapes_(infer_shapes(net)),
      batch_(static_cast<std::size_t>(options.batch)),
      rows_((batch_ + static_cast<std::size_t>(division.replicas) - 1) /
            static_cast<std::size_t>(division.replicas)),
      scores_(batch_ * static_cast<std::size_t>(class_count(net))),
      row_losses_(batch_),
      replicas_(static_cast<std::size_t>(division.replicas)) {
  ProgramOptions part = options;
  part.batch = static_cast<int>(rows_);
  const Net zeros = without_start(net);  // the first forward writes their weights
  for (Replica& replica : replicas_) {
    if (&replica != &replicas_.front()) replica.own = std::make_unique<NetState>(zeros, 0);
    replica.state = replica.own ? replica.own.get() : &state;
    // Gradients are summed value by value, so all must lie as the first one's do.
    for (std::size_t i = 0; replica.own && i < state.parameters().size(); ++i)
      replica.own->set_layout(i, state.parameters()[i].layout);
    replica.program = compile_micro_batched(
        backend, net, *replica.state, part,
        {.rows = division.micro_batch > 0 ? division.micro_batch : part.batch});
  }
}

// One replica after the other computes on the CPU: seconds add up.
std::vector<LayerRecord> Replicas::layers() const {
  std::vector<LayerRecord> rows = first().layers();
  for (std::size_t r = 1; r < replicas_.size(); ++r) {
    const std::vector<LayerRecord> more = replicas_[r].program->layers();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].forward_seconds += more[i].forward_seconds;
      rows[i].backward_seconds += more[i].backward_seconds;
      rows[i].update_seconds += more[i].update_seconds;
    }
  }
  return rows;
}

// Each phase is looked at, so each is its replica's last.
StepInput Replicas::part_of(std::size_t replica, Phase phase) {
  StepInput part = replicas_[replica].part.of(step_, range(replica));
  part.last = phase;
  return part;
}

// The first replica's weights are the run's: the others take them where somebody else wrote them.
void Replicas::follow_state() {
  const NetState& first = *replicas_.front().state;
  if (followed_ && first.version == seen_version_) return;
  for (Replica& replica : replicas_) {
    if (!replica.own) continue;
    for (std::size_t i = 0; i < first.parameters().size(); ++i) {
      replica.own->write(i, first.read(i));
      if (!first.parameters()[i].velocity.values().empty() &&
          !replica.own->parameters()[i].velocity.values().empty())
        replica.own->write_velocity(i, first.read_velocity(i));
    }
  }
  seen_version_ = first.version;
  followed_ = true;
}

void Replicas::run(Phase phase, const StepInput& input, Completion done) {
  switch (phase) {
    case Phase::forward:
      return forward(input, std::move(done));
    case Phase::backward:
      return backward(std::move(done));
    case Phase::update:
      return update(input, std::move(done));
    case Phase::curvature:
      fail(ErrorKind::usage, "replicas have no phase curvature; valid: one replica");
  }
}

// Here, so that rows are named as the caller's.
void Replicas::check(const StepInput& input) const {
  check_input(net_, options_, shapes_, input, row_forms_of(first()));
}

void Replicas::upload(const StepInput& input, Completion done) {
  if (!uploads()) return done(nullptr);
  check(input);
  const auto all = std::make_shared<Gathered>(collective_.world(), std::move(done));
  for (std::size_t r = 0; r < replicas_.size(); ++r)
    replicas_[r].program->upload(rows_of_part(input, range(r)), [all](std::exception_ptr failure) {
      all->tell(std::move(failure));
    });
}

void Replicas::forward(const StepInput& input, Completion done) {
  check(input);
  step_ = input;
  if (const auto failure = failure_of([this] { follow_state(); })) return done(failure);
  const auto all = std::make_shared<Gathered>(collective_.world(), std::move(done));
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    replicas_[r].program->run(Phase::forward, part_of(r, Phase::forward),
                              [this, r, all](std::exception_ptr e) {
                                if (!e) e = failure_of([&] { gather(r); });
                                all->tell(e);
                              });
  }
}

void Replicas::backward(Completion done) {
  const auto all = std::make_shared<Gathered>(collective_.world(), std::move(done));
  const auto backwards =
      std::make_shared<Gathered>(collective_.world(), [this, all](std::exception_ptr failure) {
        if (!failure) failure = failure_of([this] { bring_gradients(); });
        for (std::size_t r = 0; r < replicas_.size(); ++r) {
          if (failure)
            all->tell(failure);
          else
            exchange(r, all);
        }
      });
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    replicas_[r].program->run(Phase::backward, part_of(r, Phase::backward),
                              [backwards](std::exception_ptr e) { backwards->tell(e); });
  }
}

// To the host, before any of them is exchanged: a replica whose device fails now would leave the
// others waiting.
void Replicas::bring_gradients() {
  for (Replica& replica : replicas_) (void)replica.state->parameters();
}

// All gradients of a replica and its rows; the last sum that is there tells `all`.
void Replicas::exchange(std::size_t r, const std::shared_ptr<Gathered>& all) {
  Replica& replica = replicas_[r];
  const int exchanges = static_cast<int>(replica.state->parameters().size()) + 1;
  const auto mine = std::make_shared<Gathered>(exchanges, [&replica, all](std::exception_ptr e) {
    replica.state->gradient_rows = static_cast<double>(replica.rows);
    all->tell(e);
  });
  const auto tell = [mine](std::exception_ptr e) { mine->tell(e); };
  replica.rows = static_cast<float>(replica.state->gradient_rows);
  collective_.all_reduce(static_cast<int>(r), {&replica.rows, 1}, tell);
  for (Parameter& parameter : replica.state->parameters())
    collective_.all_reduce(static_cast<int>(r), parameter.gradient.values(), tell);
}

void Replicas::update(const StepInput& input, Completion done) {
  const auto all = std::make_shared<Gathered>(
      collective_.world(), [this, done = std::move(done)](std::exception_ptr failure) {
        seen_version_ = replicas_.front().state->version;
        followed_ = !failure;
        done(failure);
      });
  for (Replica& replica : replicas_)
    replica.program->run(Phase::update, input, [all](std::exception_ptr e) { all->tell(e); });
}

void Replicas::gather(std::size_t r) {
  put_rows(range(r), batch_, replicas_[r].program->scores(), scores_);
  put_rows(range(r), batch_, replicas_[r].program->row_losses(), row_losses_);
}

Tensor Replicas::output(std::string_view layer) const {
  Tensor whole{kept_layer(net_, options_, shapes_, layer).output};
  for (std::size_t r = 0; r < replicas_.size(); ++r)
    put_rows(range(r), batch_, replicas_[r].program->output(layer).values(), whole.values());
  return whole;
}

std::size_t Replicas::bytes() const {
  std::size_t bytes = (scores_.size() + row_losses_.size()) * sizeof(float);
  for (const Replica& replica : replicas_)
    bytes += replica.program->bytes() + (replica.own ? replica.own->bytes() : 0);
  return bytes;
}

}  // namespace

std::unique_ptr<Program> compile_divided(Backend& backend, const Net& net, NetState& state,
                                         const ProgramOptions& options, StepDivision division) {
  require(division.replicas > 0 && division.replicas <= options.batch,
          "{} replicas for a batch of {} rows; valid: 1 to the batch", division.replicas,
          options.batch);
  require(
      division.replicas == 1 || !std::holds_alternative<DiagonalLmRule>(options.rule),
      "net {}: {} replicas cannot share the second derivatives of diagonal Levenberg-Marquardt; "
      "valid: 1",
      net.name, division.replicas);
  require(division.micro_batch >= 0, "a micro-batch of {} rows; valid: 1 to the batch, 0 for all",
          division.micro_batch);
  if (division.replicas > 1) refuse_row_gradients("a step on several replicas", options);
  if (division.replicas > 1)
    return std::make_unique<Replicas>(backend, net, state, options, division);
  if (division.micro_batch == 0) return backend.compile(net, state, options);
  return compile_micro_batched(backend, net, state, options, {.rows = division.micro_batch});
}

}  // namespace sluice
