#include "runtime/backend/onednn/same_map_lrn.h"

#include <tbb/task_arena.h>

#include <algorithm>
#include <array>

#include "runtime/error.h"

namespace sluice::onednn {
namespace {

using Geometry = SameMapGeometry;

constexpr std::size_t kMostRows = 31;  // that a window sees
// So that a thread that comes late, or is called away, holds up little.
constexpr std::size_t kPiecesPerThread = 4;

// Rows of the batch's planes, counted through all of them.
struct RowRange {
  std::size_t first, end;
};

// What the windows of row `row` see.
RowRange window_of(const Geometry& g, std::size_t row) {
  const std::size_t y = row % g.height, plane = row - y;
  return {plane + (y < g.half ? 0 : y - g.half), plane + std::min(y + g.half + 1, g.height)};
}

template <class T>
using Rows = std::array<const T*, kMostRows>;

// Column sums of one row's windows, in a buffer with zeros on both sides.
class Columns {
 public:
  Columns(const Geometry& geometry, float* buffer) : geometry_(geometry), buffer_(buffer) {
    std::fill_n(buffer_, geometry.padding(), 0.0F);
    std::fill_n(sums() + geometry.width(), geometry.padding(), 0.0F);
  }
  static std::size_t floats(const Geometry& g) { return g.width() + 2 * g.padding(); }

  template <class T>
  kernels::SameMapRow of_squares(const T* src, std::size_t row) {
    Rows<T> rows;
    const std::size_t count = find(row, rows, [&](std::size_t r) { return src + r * width(); });
    kernels::sum_squares(std::span<const T* const>(rows.data(), count), width(), sums());
    return view();
  }
  // `at(r)`: the values that stand for row r.
  template <class At>
  kernels::SameMapRow of_values(std::size_t row, const At& at) {
    Rows<float> rows;
    kernels::sum_values({rows.data(), find(row, rows, at)}, width(), sums());
    return view();
  }

 private:
  std::size_t width() const { return geometry_.width(); }
  float* sums() { return buffer_ + geometry_.padding(); }
  kernels::SameMapRow view() const {
    return {.count = width(),
            .channels = geometry_.channels,
            .half = geometry_.half,
            .columns = buffer_};
  }
  template <class T, class At>
  std::size_t find(std::size_t row, Rows<T>& rows, const At& at) const {
    const RowRange seen = window_of(geometry_, row);
    for (std::size_t r = seen.first; r < seen.end; ++r) rows[r - seen.first] = at(r);
    return seen.end - seen.first;
  }

  const Geometry& geometry_;
  float* buffer_;
};

// What backward makes of the last rows, as many as a window sees.
class TermRows {
 public:
  TermRows(const Geometry& geometry, float* ring) : geometry_(geometry), ring_(ring) {}
  static std::size_t floats(const Geometry& g) { return 2 * g.window() * g.width(); }

  kernels::SameMapTerms at(std::size_t row) const {
    float* const slot = ring_ + row % geometry_.window() * 2 * geometry_.width();
    return {.direct = slot, .terms = slot + geometry_.width()};
  }
  // work(row) for those that the windows of `row` see and that are new. `row` must not go back.
  template <class Work>
  void advance(std::size_t row, const Work& work) {
    const RowRange seen = window_of(geometry_, row);
    for (std::size_t r = std::max(seen.first, next_); r < seen.end; ++r) work(r);
    next_ = seen.end;
  }

 private:
  const Geometry& geometry_;
  float* ring_;
  std::size_t next_ = 0;  // rows before this one are there, or no window of ours sees them
};

}  // namespace

SameMapLrnLayer::SameMapLrnLayer(const SameMapLrn& spec, const CompileContext& context)
    : factors_{.alpha = static_cast<float>(spec.alpha / (spec.size * spec.size)),
               .beta = static_cast<float>(spec.beta),
               .k = static_cast<float>(spec.k)},
      geometry_{.height = static_cast<std::size_t>(context.in[1]),
                .pixels = static_cast<std::size_t>(context.in[2]),
                .channels = static_cast<std::size_t>(context.in[0]),
                .half = static_cast<std::size_t>(spec.size / 2)},
      rows_(static_cast<std::size_t>(context.batch) * geometry_.height),
      pieces_(static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) * kPiecesPerThread),
      piece_floats_(Columns::floats(geometry_)) {
  require(geometry_.window() <= kMostRows,
          "layer {}: same-map LRN over {} pixels, the oneDNN backend takes at most {}",
          context.layer, spec.size, kMostRows);
  if (goes_backward(context.purpose)) piece_floats_ += TermRows::floats(geometry_);
}

float* SameMapLrnLayer::floats_of(const Pass& pass, const Piece& piece) const {
  return reinterpret_cast<float*>(pass.scratch) + piece.index * piece_floats_;
}

void SameMapLrnLayer::forward(const Pass& pass) {
  with_element(pass.src.element, [&]<class T>(T) {
    const T* const src = pass.src.as<T>();
    T* const dst = pass.dst.as<T>();
    parallel_pieces(rows_, pieces_, [&](const Piece& piece) {
      Columns columns(geometry_, floats_of(pass, piece));
      for (std::size_t row = piece.first; row < piece.end; ++row) {
        const std::size_t at = row * geometry_.width();
        kernels::same_map_lrn(factors_, columns.of_squares(src, row), src + at, dst + at);
      }
    });
  });
}

void SameMapLrnLayer::backward(const Pass& pass) {
  with_element(pass.src.element, [&]<class T>(T) {
    const T* const src = pass.src.as<T>();
    const T* const diff_dst = pass.diff_dst.as<T>();
    T* const diff_src = pass.diff_src.as<T>();
    parallel_pieces(rows_, pieces_, [&](const Piece& piece) {
      Columns columns(geometry_, floats_of(pass, piece));
      TermRows terms(geometry_, floats_of(pass, piece) + Columns::floats(geometry_));
      for (std::size_t row = piece.first; row < piece.end; ++row) {
        const std::size_t at = row * geometry_.width();
        terms.advance(row, [&](std::size_t r) {
          kernels::same_map_terms(factors_, columns.of_squares(src, r), src + r * geometry_.width(),
                                  diff_dst + r * geometry_.width(), terms.at(r));
        });
        const auto sums = columns.of_values(row, [&](std::size_t r) { return terms.at(r).terms; });
        kernels::same_map_lrn_backward(factors_, sums, src + at, terms.at(row).direct,
                                       diff_src + at);
      }
    });
  });
}

}  // namespace sluice::onednn
