// A part of an output, made from the part of the input it needs, has the bits it has in the whole.
#include "augment/centre_crop.h"
#include "augment/flip.h"
#include "augment/mean_image.h"
#include "augment/mean_rgb.h"
#include "augment/pca_colour.h"
#include "augment/random_crop.h"
#include "augment/rescale.h"
#include "augment/scale.h"
#include "augment/window.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;

namespace {

Image cut(const Image& image, const Box& box) {
  Image part(box.extent, image.type());
  copy_part(all_of(image.view()), box, part.view());
  return part;
}

// Any part, also one of a single pixel or everything.
Box some_box(Random& random, Extent extent) {
  const auto pick = [&](int length, int& first) {
    const auto all = static_cast<std::uint64_t>(length);
    first = static_cast<int>(random.below(all));
    return 1 + static_cast<int>(random.below(all - static_cast<std::uint64_t>(first)));
  };
  Box box;
  box.extent.width = pick(extent.width, box.left);
  box.extent.height = pick(extent.height, box.top);
  return random.below(8) == 0 ? whole(extent) : box;
}

template <class Operation>
std::size_t scratch_of(const Operation& operation, const typename Operation::Decision& decision,
                       const Image& from) {
  if constexpr (requires { operation.scratch_bytes(decision, from.extent(), from.type()); }) {
    return operation.scratch_bytes(decision, from.extent(), from.type());
  }
  return 0;
}

template <class Operation>
void check_parts(const Operation& operation, const Image& from, int times) {
  Random random = test::some_random(3);
  for (int i = 0; i < times; ++i) {
    const auto decision = operation.draw(random, from.extent());
    const Image all = test::applied(operation, from, decision);
    const Box after = some_box(random, all.extent());
    Box before = operation.box_before(decision, from.extent(), after);
    REQUIRE(inside(before, from.extent()));
    if (random.below(3) == 0) before = whole(from.extent());  // more than needed must do as well
    const Image input = cut(from, before);
    Image part(after.extent, all.type());
    const test::Scratch scratch(scratch_of(operation, decision, from));
    operation.apply_part({input.view(), before, from.extent()}, decision,
                         {part.view(), after, all.extent()}, scratch.bytes());
    CAPTURE(from.extent().width, from.extent().height, after.left, after.top, after.extent.width,
            after.extent.height);
    const Image expected = cut(all, after);
    REQUIRE(test::values(std::as_const(part).view()) == test::values(expected.view()));
  }
}

}  // namespace

TEST_CASE("parts of crops, flips and colours are parts of the whole", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = test::noise({37, 29}, type);
  check_parts(RandomCrop{.side = 17}, image, 40);
  check_parts(CentreCrop{.side = 20}, image, 40);
  check_parts(Flip{}, image, 40);
  check_parts(PcaColour{}, image, 20);
  check_parts(MeanRgb{.mean = {120, 110, 100}}, image, 20);
  check_parts(Scale{.divisor = 58}, image, 20);
  const Image mean = test::noise({37, 29}, PixelType::f32, 5);
  const auto floats = test::values(mean.view());
  check_parts(
      MeanImage{.values = std::make_shared<const std::vector<float>>(floats), .extent = {37, 29}},
      image, 40);
}

TEST_CASE("parts of a resize are parts of the whole, larger or smaller", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const auto filter = GENERATE(Filter::antialias, Filter::bilinear);
  for (const Extent extent : {Extent{67, 45}, {45, 67}, {1, 90}, {90, 1}, {31, 31}, {300, 40}}) {
    for (const int side : {1, 7, 31, 64}) {
      check_parts(Rescale{.side = side, .filter = filter}, test::noise(extent, type), 12);
    }
  }
}
