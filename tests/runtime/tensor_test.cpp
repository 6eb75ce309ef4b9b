#include "runtime/tensor.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace sluice {

TEST_CASE("a shape counts its elements and can be read", "[runtime][tensor]") {
  const Shape shape{128, 3, 224, 224};
  CHECK(shape.elements() == 128 * 3 * 224 * 224);
  CHECK(shape.text() == "128x3x224x224");
  CHECK(shape.rank() == 4);
  CHECK(Shape{}.elements() == 1);
  CHECK(Shape{5, 0}.elements() == 0);
  CHECK(Shape{2, 3} != Shape{3, 2});
}

TEST_CASE("a tensor starts at zero and clones deeply", "[runtime][tensor]") {
  Tensor tensor(Shape{2, 3});
  CHECK(tensor.values().size() == 6);
  CHECK(std::ranges::count(tensor.values(), 0.0F) == 6);
  tensor.values()[4] = 7.0F;
  const Tensor copy = tensor.clone();
  tensor.values()[4] = 8.0F;
  CHECK(copy.shape() == Shape{2, 3});
  CHECK(copy.values()[4] == 7.0F);
}

TEST_CASE("a tensor that was never made has no values", "[runtime][tensor]") {
  CHECK(Tensor().values().empty());
}

}  // namespace sluice
