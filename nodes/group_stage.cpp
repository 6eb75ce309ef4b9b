#include "nodes/group_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "nodes/sometimes.h"
#include "nodes/untouched.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using graph::AugmentStage;
using graph::DecisionBox;

// Kinds decide where a node may stand: mixed ones are pixels.
graph::NodeKind kind_of(const Members& members) {
  const graph::NodeKind kind = members.front()->info().kind;
  const bool same =
      std::ranges::all_of(members, [&](const auto& member) { return member->info().kind == kind; });
  return same ? kind : graph::NodeKind::pixels;
}

template <class Test>
bool all_members(const Members& members, const Test& test) {
  return std::ranges::all_of(members, [&](const auto& member) { return test(*member); });
}

class GroupPlace final : public AugmentStage {
 public:
  GroupPlace(const Group& group, Members members, std::size_t place)
      : group_(group), members_(std::move(members)), place_(place) {
    if (group_.choice.most > 1)
      name_ = fmt::format("{}/{}", group_.name, place + 1);
    else
      name_ = group_.name;
    group_.info.kind = kind_of(members_);
    choice_stream_ = stream_id(fmt::format("augment/{}/choice", group_.name));
    const bool again = group_.choice.repeats == Repeats::may && place > 0;
    for (const auto& member : members_) {
      const std::string stream = "augment/" + member->name();
      streams_.push_back(stream_id(again ? fmt::format("{}/{}", stream, place + 1) : stream));
    }
    bytes_stay_ = type_after(PixelType::u8) == PixelType::u8;
  }

  graph::NodeInfo info() const override { return group_.info; }
  const std::string& name() const override { return name_; }
  std::uint32_t group() const override { return group_.shares; }
  DecisionBox draw(Random& random, Extent extent) const override {
    RandomKey key = random.key();
    key.stream = choice_stream_;
    const std::uint16_t chosen = chosen_at(group_.choice, Random(key), place_);
    if (chosen == kNoMember) return {.member = chosen, .skips = true};
    key.stream = streams_[chosen];
    Random own(key);
    DecisionBox decision = members_[chosen]->draw(own, extent);
    decision.member = chosen;
    return decision;
  }
  Extent extent_after(const DecisionBox& decision, Extent before) const override {
    return decision.skips ? before : of(decision).extent_after(decision, before);
  }
  PixelType type_after(PixelType before) const override {
    return members_.front()->type_after(before);
  }
  std::size_t scratch_bytes(const DecisionBox& decision, Extent before,
                            PixelType type) const override {
    return decision.skips ? 0 : of(decision).scratch_bytes(decision, before, type);
  }
  std::optional<std::string> refuses(Extent extent) const override {
    for (const auto& member : members_)
      if (auto reason = member->refuses(extent)) return reason;
    return std::nullopt;
  }
  std::optional<Box> box_before(const DecisionBox& decision, Extent before,
                                const Box& after) const override {
    return decision.skips ? after : of(decision).box_before(decision, before, after);
  }
  bool keeps_pixels(const DecisionBox& decision) const override {
    return decision.skips ? bytes_stay_ : of(decision).keeps_pixels(decision);
  }
  std::string text(const DecisionBox& decision) const override {
    if (decision.member == kNoMember) return "none";
    return fmt::format("{}: {}", of(decision).name(), of(decision).text(decision));
  }
  bool moves_pixels() const override {
    return all_members(members_, [](const AugmentStage& member) { return member.moves_pixels(); });
  }
  bool only_shifts() const override {
    return all_members(members_, [](const AugmentStage& member) { return member.only_shifts(); });
  }
  bool can_be_left() const override {
    return all_members(members_, [](const AugmentStage& member) {
      return member.can_be_left() && member.row_image().empty();
    });
  }
  void add_to(RowTransform& row, const DecisionBox& decision) const override {
    if (!decision.skips) of(decision).add_to(row, decision);
  }
  void apply(const ConstImagePart& from, const DecisionBox& decision, const ImagePart& to,
             std::span<std::byte> scratch) const override {
    if (decision.skips) return pass_untouched(from, to);
    of(decision).apply(from, decision, to, scratch);
  }

 private:
  const AugmentStage& of(const DecisionBox& decision) const { return *members_[decision.member]; }

  Group group_;
  Members members_;
  std::size_t place_;
  std::string name_;
  std::uint32_t choice_stream_ = 0;
  std::vector<std::uint32_t> streams_;
  bool bytes_stay_ = true;
};

void check_members(const Group& group, const Members& members) {
  require(!members.empty(), "augment.{} has no members; give other nodes in = \"{}\"", group.name,
          group.name);
  const GroupChoice& choice = group.choice;
  require(choice.repeats == Repeats::may || choice.most <= members.size(),
          "augment.{} is to use {} of {} members; valid: at most {}", group.name, choice.most,
          members.size(), members.size());
  require(choice.repeats == Repeats::may || members.size() <= GroupChoice::kMostMembers,
          "augment.{} has {} members; valid: at most {}", group.name, members.size(),
          GroupChoice::kMostMembers);
  const PixelType type = members.front()->type_after(PixelType::u8);
  for (const auto& member : members) {
    require(
        member->type_after(PixelType::u8) == type,
        "augment.{}: of its members '{}' makes floats of bytes and '{}' does not; put them into "
        "groups of their own",
        group.name, (type == PixelType::f32 ? members.front() : member)->name(),
        (type == PixelType::f32 ? member : members.front())->name());
  }
}

}  // namespace

graph::Chain group_stages(Group group, Members members) {
  group.choice.members = members.size();
  check_members(group, members);
  const std::string& whole = group.name;
  graph::Chain stages;
  for (std::size_t place = 0; place < group.choice.most; ++place) {
    stages.push_back(used_sometimes(std::make_unique<GroupPlace>(group, members, place),
                                    {.probability = group.probability, .stream_name = whole}));
  }
  return stages;
}

}  // namespace sluice::nodes
