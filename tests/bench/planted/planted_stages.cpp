#include "tests/bench/planted/planted_stages.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "runtime/error.h"
#include "tests/bench/cpu_time.h"

namespace sluice::bench {
namespace {

using graph::AugmentStage;
using graph::BatchStage;
using graph::DecisionBox;
using graph::DecodeStage;
using graph::ReadStage;

// Spends on top of the CPU of the calling thread while it lives.
class OwnTime {
 public:
  explicit OwnTime(Spender& spender) : spender_(spender) {}
  ~OwnTime() { spender_.spend(thread_cpu_seconds() - begun_); }
  OwnTime(const OwnTime&) = delete;
  OwnTime& operator=(const OwnTime&) = delete;

 private:
  Spender& spender_;
  const double begun_ = thread_cpu_seconds();
};

class PlantedRead final : public ReadStage {
 public:
  PlantedRead(std::unique_ptr<ReadStage> inner, Plant plant)
      : inner_(std::move(inner)), spender_(std::move(plant)) {}
  graph::NodeInfo info() const override { return inner_->info(); }
  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const override {
    const OwnTime own(spender_);
    return inner_->read(item, to);
  }

 private:
  std::unique_ptr<ReadStage> inner_;
  mutable Spender spender_;
};

class PlantedDecode final : public DecodeStage {
 public:
  PlantedDecode(std::unique_ptr<DecodeStage> inner, Plant plant)
      : inner_(std::move(inner)), spender_(std::move(plant)) {}
  graph::NodeInfo info() const override { return inner_->info(); }
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const override {
    return inner_->inspect(bytes);
  }
  Result<> decode(std::span<const std::byte> bytes, const ImagePart& part) const override {
    const OwnTime own(spender_);
    return inner_->decode(bytes, part);
  }

 private:
  std::unique_ptr<DecodeStage> inner_;
  mutable Spender spender_;
};

class PlantedAugment final : public AugmentStage {
 public:
  PlantedAugment(std::unique_ptr<AugmentStage> inner, Plant plant)
      : inner_(std::move(inner)), spender_(std::move(plant)) {}
  graph::NodeInfo info() const override { return inner_->info(); }
  const std::string& name() const override { return inner_->name(); }
  std::uint32_t group() const override { return inner_->group(); }
  DecisionBox draw(Random& random, Extent extent) const override {
    return inner_->draw(random, extent);
  }
  Extent extent_after(const DecisionBox& decision, Extent before) const override {
    return inner_->extent_after(decision, before);
  }
  PixelType type_after(PixelType before) const override { return inner_->type_after(before); }
  std::size_t scratch_bytes(const DecisionBox& decision, Extent before,
                            PixelType type) const override {
    return inner_->scratch_bytes(decision, before, type);
  }
  std::optional<std::string> refuses(Extent extent) const override {
    return inner_->refuses(extent);
  }
  std::optional<Box> box_before(const DecisionBox& decision, Extent before,
                                const Box& after) const override {
    return inner_->box_before(decision, before, after);
  }
  // A node whose image is passed on as it is would not be run, and could spend nothing.
  bool keeps_pixels(const DecisionBox&) const override { return false; }
  bool moves_pixels() const override { return inner_->moves_pixels(); }
  bool only_shifts() const override { return inner_->only_shifts(); }
  bool can_be_left() const override { return inner_->can_be_left(); }
  void add_to(RowTransform& row, const DecisionBox& decision) const override {
    inner_->add_to(row, decision);
  }
  RowImage row_image() const override { return inner_->row_image(); }
  void apply(const ConstImagePart& from, const DecisionBox& decision, const ImagePart& to,
             std::span<std::byte> scratch) const override {
    const OwnTime own(spender_);
    inner_->apply(from, decision, to, scratch);
  }

 private:
  std::unique_ptr<AugmentStage> inner_;
  mutable Spender spender_;
};

// A part of its own time is one by the clock: several threads may work for it.
class PlantedBatch final : public BatchStage {
 public:
  PlantedBatch(std::unique_ptr<BatchStage> inner, Plant plant)
      : inner_(std::move(inner)), spender_(std::move(plant)) {}
  graph::NodeInfo info() const override { return inner_->info(); }
  graph::StepToken token() const override { return inner_->token(); }
  std::string place() const override { return inner_->place(); }
  std::optional<double> device_seconds() const override { return inner_->device_seconds(); }
  void settle() noexcept override { inner_->settle(); }
  const void* net() const override { return inner_->net(); }
  void run(graph::Batch& batch, Completion done) override {
    const auto begun = std::chrono::steady_clock::now();
    inner_->run(batch, [this, begun, done = std::move(done)](std::exception_ptr error) {
      const std::chrono::duration<double> own = std::chrono::steady_clock::now() - begun;
      spender_.spend(own.count());
      done(std::move(error));
    });
  }

 private:
  std::unique_ptr<BatchStage> inner_;
  Spender spender_;
};

template <class Planted, class Stage>
void wrap(std::unique_ptr<Stage>& stage, const Plant& plant) {
  stage = std::make_unique<Planted>(std::move(stage), plant);
}

class Planting {
 public:
  explicit Planting(const Plant& plant) : plant_(plant) {}

  template <class Planted, class Stage>
  void offer(std::unique_ptr<Stage>& stage, std::string_view name) {
    names_ += fmt::format("{}{}", names_.empty() ? "" : ", ", name);
    if (name != plant_.node) return;
    wrap<Planted>(stage, plant_);
    found_ = true;
  }

  void finish() const {
    require(found_, "--plant {}: this pipeline has no such node; valid: {}", plant_.node, names_);
  }

 private:
  const Plant& plant_;
  std::string names_;
  bool found_ = false;
};

}  // namespace

void plant_into(graph::BatchStream& stream, const std::vector<Plant>& plants) {
  for (const Plant& plant : plants) {
    Planting planting(plant);
    planting.offer<PlantedRead>(stream.trunk->read, stream.trunk->read->info().name);
    planting.offer<PlantedDecode>(stream.trunk->decode, stream.trunk->decode->info().name);
    for (auto& stage : stream.augment)
      planting.offer<PlantedAugment>(stage, std::string(stage->name()));
    for (auto& stage : stream.batch_nodes) planting.offer<PlantedBatch>(stage, stage->info().name);
    planting.finish();
  }
}

}  // namespace sluice::bench
