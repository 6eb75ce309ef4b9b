#include "augment/centre_crop.h"
#include "augment/flip.h"
#include "augment/pca_colour.h"
#include "augment/random_crop.h"
#include "augment/rescale.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;

namespace {

// The decisions of one sample through a chain, each operation with its own stream.
struct Decisions {
  Rescale::Decision rescale;
  Window crop;
  Flip::Decision flip;
  PcaColour::Decision colour;

  friend bool operator==(const Decisions&, const Decisions&) = default;
};

Random random_for(std::uint32_t epoch, std::uint32_t sample, std::string_view name) {
  return Random({.seed = 11, .epoch = epoch, .sample = sample, .stream = stream_id(name)});
}

Decisions drawn(std::uint32_t epoch, std::uint32_t sample) {
  const Extent file{500 + static_cast<int>(sample % 7), 375};
  Decisions decisions;
  Random rescale = random_for(epoch, sample, "augment/rescale");
  decisions.rescale = Rescale{}.draw(rescale, file);
  const Extent rescaled = Rescale{}.extent_after(decisions.rescale, file);
  Random crop = random_for(epoch, sample, "augment/random-crop");
  decisions.crop = RandomCrop{}.draw(crop, rescaled);
  Random flip = random_for(epoch, sample, "augment/flip");
  decisions.flip = Flip{}.draw(flip, {224, 224});
  Random colour = random_for(epoch, sample, "augment/pca-colour");
  decisions.colour = PcaColour{}.draw(colour, {224, 224});
  return decisions;
}

}  // namespace

TEST_CASE("decisions follow from the key alone, in any order of asking", "[augment][law4]") {
  constexpr std::uint32_t kSamples = 50;
  std::vector<Decisions> forward, backward(kSamples);
  for (std::uint32_t sample = 0; sample < kSamples; ++sample) forward.push_back(drawn(3, sample));
  for (std::uint32_t sample = kSamples; sample-- > 0;) backward[sample] = drawn(3, sample);
  CHECK(forward == backward);
  CHECK(forward[0] != drawn(4, 0));
  CHECK(forward[0] != forward[7]);
}

TEST_CASE("the decisions of one sample are frozen", "[augment][law4]") {
  const Decisions decisions = drawn(3, 5);
  CHECK(decisions.rescale.text() == "rescale to 344x256");
  CHECK(decisions.crop.text() == "crop 224x224 at 75,27");
  CHECK(decisions.flip.text() == "mirrored");
  CHECK(decisions.colour.text() == "colour alpha -0.102,0.099,0.022");
}

TEST_CASE("an operation in front changes no later random value", "[augment][law4]") {
  // The centre crop draws nothing and has its own stream; the same extent reaches the flip.
  const Decisions with = drawn(3, 9);
  Random centre = random_for(3, 9, "augment/centre-crop");
  const Extent after = CentreCrop{}.draw(centre, with.rescale.to).extent;
  Random crop = random_for(3, 9, "augment/random-crop");
  const Window inside = RandomCrop{}.draw(crop, after);
  CHECK(inside.top == with.crop.top);  // 256 rows either way
  CHECK(inside.left <= 32);
}
