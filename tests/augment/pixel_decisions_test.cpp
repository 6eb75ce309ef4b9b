#include "augment/blur.h"
#include "augment/brightness.h"
#include "augment/colour_jitter.h"
#include "augment/contrast.h"
#include "augment/erase.h"
#include "augment/gamma.h"
#include "augment/hue.h"
#include "augment/impulse.h"
#include "augment/noise.h"
#include "augment/posterize.h"
#include "augment/saturation.h"
#include "augment/sharpness.h"
#include "augment/solarize.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;

namespace {

template <class Operation>
std::string drawn(const Operation& operation, std::string_view name) {
  Random random({.seed = 11, .epoch = 3, .sample = 5, .stream = stream_id(name)});
  return operation.draw(random, {500, 375}).text();
}

// How many draws an operation takes from its generator.
template <class Operation>
std::uint32_t draws(const Operation& operation, Extent extent) {
  const RandomKey key{.seed = 4, .sample = 9};
  Random random(key);
  (void)operation.draw(random, extent);
  const std::uint64_t next = random.bits();
  for (std::uint32_t taken = 0; taken < 64; ++taken) {
    Random other(key, taken);
    if (other.bits() == next) return taken;
  }
  return 64;
}

}  // namespace

TEST_CASE("the decisions of one sample about its pixels are frozen", "[augment][law4]") {
  CHECK(drawn(Brightness{}, "augment/brightness") == "brightness x 1.251");
  CHECK(drawn(Contrast{}, "augment/contrast") == "contrast x 1.227");
  CHECK(drawn(Saturation{}, "augment/saturation") == "saturation x 0.986");
  CHECK(drawn(Hue{}, "augment/hue") == "hue -0.006 turns");
  CHECK(drawn(ColourJitter{}, "augment/colour-jitter") ==
        "jitter saturation x 1.387, hue -0.096 turns, contrast x 0.956, brightness x 0.601");
  CHECK(drawn(Gamma{}, "augment/gamma") == "gamma 1.023");
  CHECK(drawn(Posterize{}, "augment/posterize") == "posterize to 6 bits");
  CHECK(drawn(Solarize{.threshold_to = 256}, "augment/solarize") == "solarize from 219.1");
  CHECK(drawn(Sharpness{}, "augment/sharpness") == "sharpness x 0.651");
  CHECK(drawn(Blur{}, "augment/blur") == "blur of 1.12 pixels");
  CHECK(drawn(Noise{}, "augment/noise") == "noise of 8.9 grey levels");
  CHECK(drawn(Impulse{}, "augment/impulse") == "salt and pepper on 1.9 % of the pixels");
  CHECK(drawn(Erase{}, "augment/erase") == "erase 114x73 at 160,215");
}

TEST_CASE("operations on pixels take as many draws as they say", "[augment][law4]") {
  for (const Extent extent : {Extent{1, 1}, Extent{500, 375}}) {
    CHECK(draws(Brightness{.factor = 1, .factor_to = 1}, extent) == 1);
    CHECK(draws(Contrast{}, extent) == 1);
    CHECK(draws(Saturation{}, extent) == 1);
    CHECK(draws(Hue{}, extent) == 1);
    CHECK(draws(ColourJitter{.contrast = 0}, extent) == 5);
    CHECK(draws(Gamma{}, extent) == 1);
    CHECK(draws(Posterize{}, extent) == 1);
    CHECK(draws(Solarize{}, extent) == 1);
    CHECK(draws(Sharpness{}, extent) == 1);
    CHECK(draws(Blur{}, extent) == 1);
    CHECK(draws(Noise{}, extent) == 2);
    CHECK(draws(Impulse{}, extent) == 2);
  }
  CHECK(draws(Erase{.area = 0.98, .area_to = 1, .ratio = 1, .ratio_to = 1}, {1, 1}) ==
        21);  // ten tries that fail
  CHECK(draws(Erase{.area_to = 0.02, .ratio = 1, .ratio_to = 1}, {500, 375}) == 5);
}
