#include "nodes/run/image_painter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "io/text.h"
#include "nodes/softmax.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr double kLeastFull = 0.01;  // fall of a probability that has its full colour, at least

void require_numbers(bool are_numbers, const SeenRow& row, std::string_view what) {
  if (!are_numbers) fail(ErrorKind::run, "{}: {} are no numbers", io::one_line(row.path), what);
}

}  // namespace

std::vector<std::string> score_names(const Subject& subject) {
  std::vector<std::string> names = subject.info.classes;
  while (static_cast<int>(names.size()) < class_count(subject.net))
    names.push_back(fmt::format("{}", names.size()));
  return names;
}

ImagePainter::ImagePainter(const Subject& subject, const PicturesWanted& wanted,
                           const PicturePrograms& programs, PictureFolder& folder)
    : wanted_(wanted),
      programs_(programs),
      folder_(folder),
      shape_{.side = subject.net.side, .channels = subject.net.channels},
      names_(score_names(subject)) {}

std::string ImagePainter::class_words(int of_class, double probability) const {
  return fmt::format("{} ({:.1f} %)", io::one_line(names_[static_cast<std::size_t>(of_class)]),
                     100 * probability);
}

void ImagePainter::paint(const SeenRow& row, const BetweenBatches& between) {
  stem_ = folder_.stem_of(row.path);
  image_ = {.path = row.path};
  page_ = {.path = row.path, .words = {}, .pictures = {}};
  const Look look = guess(row);
  show_seen(row);
  show_activations();
  show_saliency(row, look);
  show_occlusion(row, between);
}

std::string ImagePainter::add(const std::string& what, std::string name,
                              std::vector<std::string> words, const Image& image) {
  const std::string file = fmt::format("{}-{}.png", stem_, what);
  page_.pictures.push_back(folder_.add(file, std::move(name), std::move(words), image.view()));
  return file;
}

std::string ImagePainter::class_name() const {
  return io::one_line(names_[static_cast<std::size_t>(image_.of_class)]);
}

Look ImagePainter::guess(const SeenRow& row) {
  Look look(*programs_.slopes, row.values, wanted_.of_class.value_or(0));
  std::vector<double> probabilities(names_.size());
  softmax(programs_.slopes->scores(), probabilities);
  image_.best = io::best_of(probabilities);
  require_numbers(!image_.best.empty(), row, "the net's scores");
  image_.of_class = wanted_.of_class.value_or(image_.best.front().of_class);
  image_.probability = probabilities[static_cast<std::size_t>(image_.of_class)];
  std::string said = "The net says ";
  for (std::size_t i = 0; i < image_.best.size(); ++i)
    said += (i == 0 ? "" : ", ") + class_words(image_.best[i].of_class, image_.best[i].probability);
  page_.words.push_back(said + ".");
  page_.words.push_back(fmt::format("Saliency and occlusion are of {}.",
                                    class_words(image_.of_class, image_.probability)));
  return look.of_class() == image_.of_class ? look
                                            : Look(*programs_.slopes, row.values, image_.of_class);
}

void ImagePainter::show_seen(const SeenRow& row) {
  const ScaledPicture seen = row_picture(row.values, shape_);
  image_.seen = add("seen", "what the net sees",
                    {fmt::format("{0} x {0} pixels, black {1:.3g}, white {2:.3g}", shape_.side,
                                 seen.scale.black, seen.scale.white)},
                    seen.image);
}

void ImagePainter::show_activations() {
  for (const std::string& layer : wanted_.layers) {
    const Tensor values = std::as_const(programs_).slopes->output(layer);
    const ActivationPicture made =
        activation_picture(values.shape(), std::as_const(values).values());
    const GreyScale& scale = made.picture.scale;
    const std::string what =
        values.shape().rank() < 4
            ? fmt::format("{} units", made.maps)
            : fmt::format("{} maps of {} x {}", made.maps, made.map.width, made.map.height);
    image_.activations.push_back({.file = add("activations-" + layer, layer,
                                              {fmt::format("{}, black {:.3g}, white {:.3g}", what,
                                                           scale.black, scale.white)},
                                              made.picture.image),
                                  .layer = layer,
                                  .maps = made.maps,
                                  .map = made.map,
                                  .scale = scale});
  }
}

void ImagePainter::show_saliency(const SeenRow& row, const Look& look) {
  const std::vector<float> slopes = look.slopes();
  require_numbers(std::ranges::all_of(slopes, [](float slope) { return std::isfinite(slope); }),
                  row, "slopes of the net's score");
  image_.white = white_slope(slopes);
  const std::string words = fmt::format(
      "largest slope of the score of {} over the colours of a pixel; white {:.3g} and "
      "more",
      class_name(), image_.white);
  image_.saliency = {
      .alone = add("saliency", "saliency", {words}, map_picture(slopes, shape_.side, image_.white)),
      .over = add("saliency-over", "saliency over the image", {},
                  heat_over(slopes, image_.white, row.values, shape_))};
}

void ImagePainter::show_occlusion(const SeenRow& row, const BetweenBatches& between) {
  const OcclusionMap map = occlusion_map({.program = *programs_.copies,
                                          .batch = programs_.batch,
                                          .shape = shape_,
                                          .of_class = image_.of_class},
                                         row.values, wanted_.square, between);
  require_numbers(is_finite(map), row, "the net's scores of the image with a part covered");
  const std::vector<float> falls = mean_falls(map, shape_.side);
  const double most = scale_around_zero(falls).white, full = std::max(most, kLeastFull);
  take_extremes(map);
  const std::vector<std::string> words = {
      fmt::format("a grey square of {0} x {0} pixels (the image's mean colour) at {1} places",
                  map.square.side, image_.places),
      fmt::format("{}: {:.1f} % without it, {:.1f} % with it at {}, {}, at most {:.1f} %",
                  class_name(), 100 * map.whole, 100 * image_.least, image_.least_at.left,
                  image_.least_at.top, 100 * image_.largest),
      fmt::format("covering a pixel changes that by {:.1f} points at most, on average; red: it "
                  "takes, blue: it adds, full colours at {:.1f}",
                  100 * most, 100 * full)};
  image_.occlusion = {
      .alone = add("occlusion", "occlusion", words, fall_picture(falls, shape_.side, full)),
      .over = add("occlusion-over", "occlusion over the image", {},
                  falls_over(falls, full, row.values, shape_))};
}

void ImagePainter::take_extremes(const OcclusionMap& map) {
  const auto least = std::ranges::min_element(map.probabilities);
  const auto at = static_cast<std::size_t>(least - map.probabilities.begin());
  image_.square = map.square;
  image_.places = static_cast<int>(map.probabilities.size());
  image_.least = *least;
  image_.least_at = {.left = map.starts[at % map.starts.size()],
                     .top = map.starts[at / map.starts.size()]};
  image_.largest = *std::ranges::max_element(map.probabilities);
}

}  // namespace sluice::nodes
