// What a recipe says of a geometric node is what the node does.
#include <string>
#include <utility>
#include <vector>

#include "nodes/affine.h"
#include "nodes/elastic.h"
#include "nodes/grid_crop.h"
#include "nodes/lens.h"
#include "nodes/perspective.h"
#include "nodes/random_resized_crop.h"
#include "nodes/rescale.h"
#include "nodes/resize.h"
#include "nodes/rotate.h"
#include "nodes/shear.h"
#include "nodes/stretch.h"
#include "nodes/translate.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using augment::Filter;
using augment::Range;
using augment::Rgb;
using augment::Sampling;
using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

template <class N>
io::ChainEntry entry_of(Parameters parameters) {
  return {.node = std::string(N::info.name), .name = "some", .parameters = std::move(parameters)};
}

template <class N, class From>
N made(const From& from, Parameters parameters) {
  const io::ChainEntry entry = entry_of<N>(std::move(parameters));
  return from(ChainParameters(entry, N::info));
}

}  // namespace

TEST_CASE("each end of each range of a warp is read under its own name", "[nodes][geometry]") {
  const auto rotate = made<Rotate>(rotate_from, {{"degrees", -3.0}, {"degrees_to", 4.0}});
  CHECK(rotate.degrees == Range{-3, 4});
  const auto shear =
      made<Shear>(shear_from, {{"x", -1.0}, {"x_to", 2.0}, {"y", -3.0}, {"y_to", 4.0}});
  CHECK((shear.x == Range{-1, 2} && shear.y == Range{-3, 4}));
  const auto stretch =
      made<Stretch>(stretch_from, {{"x", 0.5}, {"x_to", 2.0}, {"y", 0.25}, {"y_to", 4.0}});
  CHECK((stretch.x == Range{0.5, 2} && stretch.y == Range{0.25, 4}));
  const auto lens =
      made<Lens>(lens_from, {{"k1", -0.1}, {"k1_to", 0.2}, {"k2", -0.01}, {"k2_to", 0.02}});
  CHECK((lens.k1 == Range{-0.1, 0.2} && lens.k2 == Range{-0.01, 0.02}));
  const auto affine = made<RandomAffine>(affine_from, {{"degrees", -1.0},
                                                       {"degrees_to", 2.0},
                                                       {"x", -0.3},
                                                       {"x_to", 0.4},
                                                       {"y", -0.5},
                                                       {"y_to", 0.6},
                                                       {"scale", 0.7},
                                                       {"scale_to", 1.8},
                                                       {"shear_x", -9.0},
                                                       {"shear_x_to", 10.0},
                                                       {"shear_y", -11.0},
                                                       {"shear_y_to", 12.0}});
  CHECK((affine.degrees == Range{-1, 2} && affine.scale == Range{0.7, 1.8}));
  CHECK((affine.x == Range{-0.3, 0.4} && affine.y == Range{-0.5, 0.6}));
  CHECK((affine.shear_x == Range{-9, 10} && affine.shear_y == Range{-11, 12}));
}

TEST_CASE("warps are filled and sampled as the recipe says", "[nodes][geometry]") {
  const auto rotate = made<Rotate>(rotate_from, {{"sampling", "nearest"}, {"fill", 90.0}});
  CHECK(rotate.canvas.sampling == Sampling::nearest);
  CHECK(rotate.canvas.fill == Rgb{90, 90, 90});
  const auto elastic =
      made<Elastic>(elastic_from, {{"alpha", 12.0}, {"sigma", 3.0}, {"fill", 7.0}});
  CHECK((elastic.alpha == 12 && elastic.sigma == 3 && elastic.canvas.fill == Rgb{7, 7, 7}));
  CHECK(elastic.canvas.sampling == Sampling::bilinear);
  const auto perspective = made<Perspective>(perspective_from, {{"distortion", 0.25}});
  CHECK(perspective.distortion == 0.25);
  const auto translate = made<Translate>(
      translate_from, {{"x", -0.2}, {"x_to", 0.3}, {"y", -0.4}, {"y_to", 0.5}, {"fill", 5.0}});
  CHECK((translate.x == Range{-0.2, 0.3} && translate.y == Range{-0.4, 0.5}));
  CHECK(translate.fill == Rgb{5, 5, 5});
}

TEST_CASE("published defaults are those of the operations", "[nodes][geometry]") {
  CHECK(made<Rotate>(rotate_from, {}).degrees == augment::Rotate{}.degrees);
  CHECK(made<Shear>(shear_from, {}).x == augment::Shear{}.x);
  CHECK(made<Stretch>(stretch_from, {}).y == augment::Stretch{}.y);
  CHECK(made<Translate>(translate_from, {}).y == augment::Translate{}.y);
  CHECK(made<RandomAffine>(affine_from, {}).scale == augment::RandomAffine{}.scale);
  CHECK(made<Perspective>(perspective_from, {}).distortion == augment::Perspective{}.distortion);
  CHECK(made<Lens>(lens_from, {}).k1 == augment::Lens{}.k1);
  CHECK(made<Elastic>(elastic_from, {}).sigma == augment::Elastic{}.sigma);
  const auto crop = made<RandomResizedCrop>(random_resized_crop_from, {});
  CHECK((crop.scale == augment::RandomResizedCrop{}.scale &&
         crop.ratio_to == augment::RandomResizedCrop{}.ratio_to));
  CHECK(made<Resize>(resize_from, {}).to == augment::Resize{}.to);
  CHECK(made<GridCrop>(grid_crop_from, {}).grid == augment::GridCrop{}.grid);
}

TEST_CASE("every filter has its word, for all nodes that resize", "[nodes][geometry]") {
  const auto [word, filter] = GENERATE(table<std::string, Filter>({{"antialias", Filter::antialias},
                                                                   {"bilinear", Filter::bilinear},
                                                                   {"bicubic", Filter::bicubic},
                                                                   {"lanczos", Filter::lanczos},
                                                                   {"area", Filter::area}}));
  CHECK(made<Rescale>(rescale_from, {{"filter", word}}).filter == filter);
  CHECK(made<Resize>(resize_from, {{"filter", word}}).filter == filter);
  CHECK(made<RandomResizedCrop>(random_resized_crop_from, {{"filter", word}}).filter == filter);
}

TEST_CASE("a resize has the width and height of its recipe behind it", "[nodes][geometry]") {
  const auto resize =
      made<Resize>(resize_from, {{"width", std::int64_t{31}}, {"height", std::int64_t{17}}});
  CHECK(resize.extent_behind(std::nullopt) == Extent{31, 17});
  const auto crop = made<GridCrop>(
      grid_crop_from,
      {{"side", std::int64_t{9}}, {"grid", std::int64_t{4}}, {"cell", std::int64_t{13}}});
  CHECK((crop.side == 9 && crop.grid == 4 && crop.cell == 13));
}

TEST_CASE("a net trained on random windows is tested on the middle", "[nodes][geometry]") {
  const auto windows = RandomResizedCrop::tested(
      entry_of<RandomResizedCrop>({{"side", std::int64_t{224}}, {"filter", "bicubic"}}));
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].node == "rescale");
  CHECK(windows[0].parameters ==
        Parameters{{"side", std::int64_t{256}}, {"filter", std::string("bicubic")}});
  CHECK(windows[1].node == "centre-crop");
  CHECK(windows[1].parameters == Parameters{{"side", std::int64_t{224}}});
  const auto cells = GridCrop::tested(entry_of<GridCrop>({{"side", std::int64_t{9}}}));
  REQUIRE(cells.size() == 1);
  CHECK(cells[0].parameters == Parameters{{"side", std::int64_t{9}}, {"grid", std::int64_t{1}}});
  const auto chosen = GridCrop::tested(entry_of<GridCrop>({{"cell", std::int64_t{2}}}));
  CHECK(chosen[0].parameters == Parameters{{"cell", std::int64_t{2}}});
}

}  // namespace sluice::nodes
