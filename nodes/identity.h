// A node that leaves images as they are: a member of groups that may do nothing.
#pragma once

#include <string>

#include "augment/decision.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/untouched.h"

namespace sluice::nodes {

struct Identity {
  using Decision = augment::NoDecision;

  static constexpr graph::NodeInfo info{.name = "identity",
                                        .kind = graph::NodeKind::geometry,
                                        .help = "leaves an image as it is, for groups"};
  static constexpr bool kMovesPixels = true;
  static constexpr bool kOnlyShifts = true;
  static constexpr bool kKeepsExtent = true;

  void check() const {}
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  bool keeps_pixels(const Decision&) const { return true; }
  void apply(ConstImageView from, const Decision&, ImageView to) const {
    pass_untouched(all_of(from), all_of(to));
  }
  void apply_part(const ConstImagePart& from, const Decision&, const ImagePart& to,
                  std::span<std::byte>) const {
    pass_untouched(from, to);
  }
};
static_assert(graph::AugmentNode<Identity>);

inline Identity identity_from(const ChainParameters&) { return {}; }

}  // namespace sluice::nodes
