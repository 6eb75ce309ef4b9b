#include "augment/resample.h"

#include "augment/antialias.h"
#include "augment/bilinear.h"
#include "augment/window.h"

namespace sluice::augment {
namespace {

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::bicubic:
      return Kernel::cubic;
    case Filter::lanczos:
      return Kernel::lanczos;
    case Filter::area:
      return Kernel::area;
    default:
      return Kernel::triangle;
  }
}

}  // namespace

void resample(const ConstImagePart& from, const ImagePart& to, Filter filter,
              std::span<std::byte> scratch) {
  if (to.view.extent.pixels() == 0) return;
  if (to.whole == from.whole)
    copy_part(from, to.box, to.view);
  else if (filter == Filter::bilinear)
    resize_bilinear(from, to, scratch);
  else
    resize_antialias(from, to, scratch, kernel_of(filter));
}

std::size_t resample_scratch_bytes(const Resizing& sizes, Filter filter) {
  if (sizes.from == sizes.to || sizes.to.pixels() == 0) return 0;
  if (filter == Filter::bilinear) return bilinear_scratch_bytes(sizes.from, sizes.to, sizes.type);
  return antialias_scratch_bytes_in(sizes.held, sizes.from, sizes.to, sizes.type,
                                    kernel_of(filter));
}

Box resample_box_before(Extent from, Extent to, const Box& after, Filter filter) {
  if (from == to) return after;
  if (filter == Filter::bilinear) return bilinear_box_before(from, to, after);
  return antialias_box_before(from, to, after, kernel_of(filter));
}

}  // namespace sluice::augment
