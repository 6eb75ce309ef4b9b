#include "runtime/backend/onednn/lrn_pool.h"

#include <tbb/task_arena.h>

#include "runtime/backend/onednn/lrn.h"
#include "runtime/backend/onednn/max_pool.h"
#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

// So that a thread that comes late, or is called away, holds up little.
constexpr std::size_t kPiecesPerThread = 4;

// The last rows that were normalised, as many as a window is high. In bf16 they are rounded as
// where an LRN stands alone.
template <class T>
class NormalisedRows {
 public:
  NormalisedRows(const kernels::LrnFactors& factors, const kernels::PoolGeometry& geometry,
                 const T* src, T* ring)
      : factors_(factors),
        kernel_(geometry.kernel),
        row_(geometry.width * geometry.channels),
        src_(src),
        ring_(ring) {}

  // Rows of `range`, which must not go back; valid until the next call.
  std::span<const T* const> at(kernels::RowRange range) {
    for (std::size_t r = std::max(range.first, next_); r < range.end; ++r) {
      kernels::lrn(factors_, src_ + r * row_, row_, slot(r));
    }
    next_ = range.end;
    for (std::size_t r = range.first; r < range.end; ++r) rows_[r - range.first] = slot(r);
    return {rows_.data(), range.end - range.first};
  }

 private:
  T* slot(std::size_t row) const { return ring_ + row % kernel_ * row_; }

  const kernels::LrnFactors& factors_;
  std::size_t kernel_, row_;
  const T* src_;
  T* ring_;
  std::size_t next_ = 0;  // rows before this one were normalised, or no window of ours sees them
  kernels::PoolRows<T> rows_{};
};

}  // namespace

LrnPoolLayer::LrnPoolLayer(const Lrn& lrn, const MaxPool& pool, const CompileContext& context)
    : factors_(lrn_factors(lrn, context)),
      geometry_(pool_geometry(pool, context)),
      mask_(relu_mask(context.relu)),
      element_(context.precision),
      batch_(static_cast<std::size_t>(context.batch)),
      pieces_(static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) *
              kPiecesPerThread) {
  if (goes_backward(context.purpose)) {
    winners_ = context.plan.reserve(batch_ * static_cast<std::size_t>(context.out.elements()));
  }
}

std::size_t LrnPoolLayer::scratch_bytes() const {
  return pieces_ * geometry_.kernel * geometry_.width * geometry_.channels *
         element_bytes(element_);
}

template <class T>
T* LrnPoolLayer::rows_of_piece(const Pass& pass, std::size_t piece) const {
  return reinterpret_cast<T*>(pass.scratch + piece * (scratch_bytes() / pieces_));
}

void LrnPoolLayer::forward(const Pass& pass) {
  with_element(element_, [&](auto element) { forward_as<decltype(element)>(pass); });
}

void LrnPoolLayer::backward(const Pass& pass) {
  with_element(element_, [&](auto element) { backward_as<decltype(element)>(pass); });
}

template <class T>
void LrnPoolLayer::forward_as(const Pass& pass) const {
  const kernels::PoolGeometry& g = geometry_;
  std::uint8_t* winners = winners_.in<std::uint8_t>(pass.memory);
  parallel_pieces(batch_ * g.out_height, pieces_, [&](const Piece& piece) {
    NormalisedRows<T> rows(factors_, g, pass.src.as<T>(), rows_of_piece<T>(pass, piece.index));
    for (std::size_t i = piece.first; i < piece.end; ++i) {
      const std::size_t at = i * g.out_width * g.channels;
      kernels::max_pool_row(g, rows.at(kernels::rows_of(g, i)), pass.dst.as<T>() + at,
                            winners_.bytes == 0 ? nullptr : winners + at);
    }
  });
}

template <class T>
void LrnPoolLayer::backward_as(const Pass& pass) const {
  const kernels::PoolGeometry& g = geometry_;
  const std::size_t row = g.width * g.channels, out_image = g.out_height * g.out_width * g.channels;
  const std::uint8_t* winners = winners_.in<std::uint8_t>(pass.memory);
  parallel_pieces(batch_ * g.height, pieces_, [&](const Piece& piece) {
    T* gradient = rows_of_piece<T>(pass, piece.index);
    for (std::size_t i = piece.first; i < piece.end; ++i) {
      const std::size_t image = i / g.height * out_image;
      const kernels::PoolGradient<T> pooled{pass.diff_dst.as<T>() + image, winners + image};
      kernels::max_pool_backward_row(g, nullptr, pooled, i % g.height, gradient);
      kernels::lrn_backward(factors_, mask_, pass.src.as<T>() + i * row, gradient, row,
                            pass.diff_src.as<T>() + i * row);
    }
  });
}

}  // namespace sluice::onednn
