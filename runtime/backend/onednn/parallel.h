// Loops over independent pieces on the calling arena. Results do not depend on who does which
// piece.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <cstddef>

namespace sluice::onednn {

// Calls body(first, end) on ranges that cover [0, count), each of about `piece` or more. What makes
// one piece runs here and now: a task would cost more than a small layer's work.
template <class Body>
void parallel_ranges(std::size_t count, std::size_t piece, const Body& body) {
  if (count == 0) return;
  if (count <= piece) return body(std::size_t{0}, count);
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, piece),
                    [&](const auto& range) { body(range.begin(), range.end()); });
}

// One of a fixed number of ranges; the index finds its scratch memory.
struct Piece {
  std::size_t index;
  std::size_t first, end;
};

// Calls body(piece) for `pieces` ranges, as equal as can be, that cover [0, count).
template <class Body>
void parallel_pieces(std::size_t count, std::size_t pieces, const Body& body) {
  tbb::parallel_for(std::size_t{0}, pieces, [&](std::size_t index) {
    body(Piece{index, count * index / pieces, count * (index + 1) / pieces});
  });
}

}  // namespace sluice::onednn
