#include "nodes/sometimes.h"

#include <fmt/format.h>

#include <utility>

#include "nodes/untouched.h"

namespace sluice::nodes {
namespace {

using graph::DecisionBox;

class UsedSometimes final : public graph::AugmentStage {
 public:
  UsedSometimes(std::unique_ptr<graph::AugmentStage> node, const Sometimes& when)
      : node_(std::move(node)),
        when_(when),
        stream_(stream_id(fmt::format(
            "augment/{}/use", when.stream_name.empty() ? node_->name() : when.stream_name))),
        bytes_stay_(node_->type_after(PixelType::u8) == PixelType::u8) {}

  graph::NodeInfo info() const override { return node_->info(); }
  const std::string& name() const override { return node_->name(); }
  std::uint32_t group() const override { return when_.group > 1 ? when_.group : node_->group(); }
  DecisionBox draw(Random& random, Extent extent) const override {
    RandomKey key = random.key();
    key.stream = stream_;
    const bool used = when_.probability >= 1.0 || Random(key).uniform() < when_.probability;
    DecisionBox decision = node_->draw(random, extent);
    decision.skips = decision.skips || !used;
    return decision;
  }
  Extent extent_after(const DecisionBox& decision, Extent before) const override {
    return decision.skips ? before : node_->extent_after(decision, before);
  }
  PixelType type_after(PixelType before) const override { return node_->type_after(before); }
  std::size_t scratch_bytes(const DecisionBox& decision, Extent before,
                            PixelType type) const override {
    return decision.skips ? 0 : node_->scratch_bytes(decision, before, type);
  }
  std::optional<std::string> refuses(Extent extent) const override {
    return node_->refuses(extent);
  }
  std::optional<Box> box_before(const DecisionBox& decision, Extent before,
                                const Box& after) const override {
    return decision.skips ? after : node_->box_before(decision, before, after);
  }
  bool keeps_pixels(const DecisionBox& decision) const override {
    return decision.skips ? bytes_stay_ : node_->keeps_pixels(decision);
  }
  std::string text(const DecisionBox& decision) const override {
    return decision.skips ? "not used" : node_->text(decision);
  }
  bool moves_pixels() const override { return node_->moves_pixels(); }
  bool only_shifts() const override { return node_->only_shifts(); }
  bool can_be_left() const override { return node_->can_be_left() && node_->row_image().empty(); }
  void add_to(RowTransform& row, const DecisionBox& decision) const override {
    if (!decision.skips) node_->add_to(row, decision);
  }
  void apply(const ConstImagePart& from, const DecisionBox& decision, const ImagePart& to,
             std::span<std::byte> scratch) const override {
    if (decision.skips) return pass_untouched(from, to);
    node_->apply(from, decision, to, scratch);
  }

 private:
  std::unique_ptr<graph::AugmentStage> node_;
  Sometimes when_;
  std::uint32_t stream_;
  bool bytes_stay_;
};

}  // namespace

std::unique_ptr<graph::AugmentStage> used_sometimes(std::unique_ptr<graph::AugmentStage> node,
                                                    const Sometimes& when) {
  if (when.probability >= 1.0 && when.group <= 1) return node;
  return std::make_unique<UsedSometimes>(std::move(node), when);
}

}  // namespace sluice::nodes
