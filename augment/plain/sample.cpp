#include "augment/plain/sample.h"

namespace sluice::augment::plain {
namespace {

template <class T>
void bilinear(const SampleRow<T>& row) {
  for (int k = 0; k < row.count; ++k) bilinear_pixel(row, k);
}

template <class T>
void nearest(const SampleRow<T>& row) {
  for (int k = 0; k < row.count; ++k) nearest_pixel(row, k);
}

}  // namespace

void sample_bilinear(const SampleRow<std::uint8_t>& row) { bilinear(row); }
void sample_bilinear(const SampleRow<float>& row) { bilinear(row); }
void sample_nearest(const SampleRow<std::uint8_t>& row) { nearest(row); }
void sample_nearest(const SampleRow<float>& row) { nearest(row); }

}  // namespace sluice::augment::plain
