#include "augment/grid_crop.h"

#include <cassert>

#include "runtime/error.h"

namespace sluice::augment {

void GridCrop::check() const {
  require(side >= 1, "grid crop: side is {}, it must be 1 or more pixels", side);
  require(grid >= 1 && grid <= kMostCells, "grid crop: grid is {}, it must be 1 to {}", grid,
          kMostCells);
  require(cell >= -1 && cell < grid * grid,
          "grid crop: cell is {}, it must be 0 to {}, or -1 for any", cell, grid * grid - 1);
}

Window GridCrop::draw(Random& random, Extent before) const {
  assert(!refuses(before));
  const auto cells = static_cast<std::uint64_t>(grid) * static_cast<std::uint64_t>(grid);
  const int drawn = static_cast<int>(random.below(cells));
  const int chosen = cell >= 0 ? cell : drawn;
  const auto place = [&](int length, int index) {
    const int room = length - side;
    return grid == 1 ? room / 2 : static_cast<int>(std::int64_t{room} * index / (grid - 1));
  };
  return {.extent = {side, side},
          .left = place(before.width, chosen % grid),
          .top = place(before.height, chosen / grid)};
}

}  // namespace sluice::augment
