// What the decisions of all operations have in common.
//
// An operation is a small struct of parameters with
//   check()                        throws Error{usage} when a parameter is out of range
//   draw(random, before)           all randomness, from the caller's generator alone
//   extent_after(decision, before) the size that the next operation gets
//   type_after(type)               the pixel type that it gets
//   apply(from, decision, to)      the pixels; `to` has extent_after and type_after of `from`, and
//                                  does not overlap it
// and, where they mean something,
//   refuses(before)                why an image of this size cannot be taken (a message), or none
//   scratch_bytes(decision, before, type)   what `apply` needs to work in; it then has a fourth
//                                  argument, a span of at least so many bytes, aligned to 64,
//                                  contents undefined (`apply` itself allocates nothing)
//   box_before(decision, before, after)   the part of the input that a part of the output is made
//                                  of: the operation can make parts, with the bits of the whole
//   apply_part(from, decision, to, scratch)   makes one; `from` holds at least that part
//   keeps_pixels(decision)         a part of the output has the bytes of that part of the input
//   map(decision, before)          geometry: output position -> input position (geometry.h)
//   affine(decision)               colour: 3x4 on unclamped float RGB (colour_affine.h)
//   add_to(row, decision)          what `apply` does, as a part of what is done to a whole row when
//                                  it is stored (runtime/row_transform.h), bit for bit; `draw` then
//                                  does not look at the extent
// All are const and free of side effects: any number of threads may share one operation.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

namespace sluice::augment {

// A decision travels in a record by plain copy.
inline constexpr std::size_t kMaxDecisionBytes = 48;

template <class T>
concept SmallDecision = std::is_trivially_copyable_v<T> &&
                        sizeof(T) <= kMaxDecisionBytes&& requires(const T& decision) {
  { decision.text() } -> std::same_as<std::string>;
};

// Of operations that have nothing to decide.
struct NoDecision {
  std::string text() const { return "always the same"; }
  friend bool operator==(NoDecision, NoDecision) = default;
};
static_assert(SmallDecision<NoDecision>);

}  // namespace sluice::augment
