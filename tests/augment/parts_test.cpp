// A part of an output, made from the part of the input it needs, has the bits it has in the whole.
#include "augment/blur.h"
#include "augment/brightness.h"
#include "augment/centre_crop.h"
#include "augment/erase.h"
#include "augment/flip.h"
#include "augment/gamma.h"
#include "augment/grey.h"
#include "augment/grid_crop.h"
#include "augment/hue.h"
#include "augment/invert.h"
#include "augment/mean_image.h"
#include "augment/mean_rgb.h"
#include "augment/pca_colour.h"
#include "augment/perspective.h"
#include "augment/posterize.h"
#include "augment/random_affine.h"
#include "augment/random_crop.h"
#include "augment/random_resized_crop.h"
#include "augment/rescale.h"
#include "augment/resize.h"
#include "augment/rotate.h"
#include "augment/saturation.h"
#include "augment/scale.h"
#include "augment/sharpness.h"
#include "augment/shear.h"
#include "augment/solarize.h"
#include "augment/stretch.h"
#include "augment/translate.h"
#include "augment/whiten.h"
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

TEST_CASE("parts of operations on single pixels are parts of the whole", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = test::noise({37, 29}, type);
  check_parts(Brightness{}, image, 15);
  check_parts(Saturation{}, image, 15);
  check_parts(Hue{}, image, 15);
  check_parts(Grey{}, image, 15);
  check_parts(Gamma{}, image, 15);
  check_parts(Posterize{}, image, 15);
  check_parts(Solarize{}, image, 15);
  check_parts(Invert{}, image, 15);
  check_parts(Whiten{}, image, 15);
  check_parts(Erase{}, image, 30);
  check_parts(Erase{.with = ErasedWith::noise}, image, 30);
}

TEST_CASE("parts of operations on neighbours are parts of the whole", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  for (const Extent extent : {Extent{37, 29}, {1, 90}, {3, 3}, {90, 2}}) {
    check_parts(Sharpness{}, test::noise(extent, type), 12);
    check_parts(Blur{.sigma = 0, .sigma_to = 6}, test::noise(extent, type), 12);
  }
}

TEST_CASE("parts of a resize are parts of the whole, larger or smaller", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const auto filter =
      GENERATE(Filter::antialias, Filter::bilinear, Filter::bicubic, Filter::lanczos, Filter::area);
  for (const Extent extent : {Extent{67, 45}, {45, 67}, {1, 90}, {90, 1}, {31, 31}, {300, 40}}) {
    for (const int side : {1, 7, 31, 64}) {
      check_parts(Rescale{.side = side, .filter = filter}, test::noise(extent, type), 12);
    }
  }
}

TEST_CASE("parts of a stretched image and of a resized window are parts of the whole",
          "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const auto filter =
      GENERATE(Filter::antialias, Filter::bilinear, Filter::bicubic, Filter::lanczos, Filter::area);
  for (const Extent extent : {Extent{67, 45}, {1, 90}, {90, 1}, {31, 31}}) {
    const Image image = test::noise(extent, type);
    check_parts(Resize{.to = {31, 20}, .filter = filter}, image, 12);
    check_parts(RandomResizedCrop{.side = 19, .filter = filter}, image, 20);
  }
}

TEST_CASE("parts of warps are parts of the whole", "[augment][parts]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const auto sampling = GENERATE(Sampling::bilinear, Sampling::nearest);
  const Canvas canvas{.sampling = sampling, .fill = {10, 20, 30}};
  for (const Extent extent : {Extent{67, 45}, {1, 90}, {90, 1}, {1, 1}, {300, 7}}) {
    const Image image = test::noise(extent, type);
    check_parts(Translate{.x = {-1, 1}, .y = {-1, 1}}, image, 30);
    check_parts(Rotate{.degrees = {-180, 180}, .canvas = canvas}, image, 30);
    check_parts(Shear{.x = {-60, 60}, .y = {-60, 60}, .canvas = canvas}, image, 20);
    check_parts(Stretch{.x = {0.1, 9}, .y = {0.1, 9}, .canvas = canvas}, image, 20);
    check_parts(RandomAffine{.x = {-1, 1}, .canvas = canvas}, image, 20);
    check_parts(Perspective{.distortion = 0.65, .canvas = canvas}, image, 40);
  }
  check_parts(GridCrop{.side = 20}, test::noise({67, 45}, type), 20);
}
