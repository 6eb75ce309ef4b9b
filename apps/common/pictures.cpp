#include "apps/common/pictures.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/common/arguments.h"
#include "io/text.h"
#include "nodes/run/pictures.h"

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;

// JSON holds UTF-8 only.
std::string words_json(const std::string& bytes) {
  return io::is_utf8(bytes) ? bytes : io::percent_encoded(bytes);
}

ordered_json guesses_json(const std::vector<io::Guess>& guesses,
                          const std::vector<std::string>& classes) {
  ordered_json rows = ordered_json::array();
  for (const io::Guess& guess : guesses)
    rows.push_back({{"class", words_json(classes[static_cast<std::size_t>(guess.of_class)])},
                    {"probability", guess.probability}});
  return rows;
}

ordered_json activations_json(const std::vector<nodes::ActivationFile>& activations) {
  ordered_json rows = ordered_json::array();
  for (const nodes::ActivationFile& row : activations)
    rows.push_back({{"file", words_json(row.file)},
                    {"layer", row.layer},
                    {"maps", row.maps},
                    {"width", row.map.width},
                    {"height", row.map.height},
                    {"black", row.scale.black},
                    {"white", row.scale.white}});
  return rows;
}

ordered_json image_json(const nodes::ImageFiles& image, const std::vector<std::string>& classes) {
  return {{"path", words_json(image.path)},
          {"best", guesses_json(image.best, classes)},
          {"class", words_json(classes[static_cast<std::size_t>(image.of_class)])},
          {"probability", image.probability},
          {"seen", words_json(image.seen)},
          {"activations", activations_json(image.activations)},
          {"saliency",
           {{"file", words_json(image.saliency.alone)},
            {"over", words_json(image.saliency.over)},
            {"white", image.white}}},
          {"occlusion",
           {{"file", words_json(image.occlusion.alone)},
            {"over", words_json(image.occlusion.over)},
            {"side", image.square.side},
            {"step", image.square.step},
            {"places", image.places},
            {"least", image.least},
            {"least_left", image.least_at.left},
            {"least_top", image.least_at.top},
            {"largest", image.largest}}}};
}

std::string json_of(const nodes::PicturesResult& result) {
  ordered_json document = {{"out", words_json(result.out.string())},
                           {"page", result.page},
                           {"net", result.net},
                           {"variant", result.variant},
                           {"filters", nullptr},
                           {"bad_files", result.bad_files},
                           {"images", ordered_json::array()}};
  if (result.filters)
    document["filters"] = {
        {"file", result.filters->file},         {"layer", result.filters->layer},
        {"kernels", result.filters->kernels},   {"side", result.filters->side},
        {"channels", result.filters->channels}, {"towers", result.filters->towers}};
  for (const nodes::ImageFiles& image : result.images)
    document["images"].push_back(image_json(image, result.classes));
  return document.dump(2) + "\n";
}

std::string text_of(const nodes::PicturesResult& result) {
  std::string text;
  const auto line = [&](const std::string& file, const std::string& what) {
    text += fmt::format("  {}  {}\n", io::one_line(file), what);
  };
  if (result.filters)
    line(result.filters->file, fmt::format("{}: {} kernels of {} x {} x {}", result.filters->layer,
                                           result.filters->kernels, result.filters->side,
                                           result.filters->side, result.filters->channels));
  for (const nodes::ImageFiles& image : result.images) {
    text += fmt::format("{}: {} {:.2f} %\n", io::one_line(image.path),
                        io::one_line(result.classes[static_cast<std::size_t>(image.of_class)]),
                        100 * image.probability);
    line(image.seen, "what the net sees");
    for (const nodes::ActivationFile& row : image.activations)
      line(row.file,
           fmt::format("{}: {} of {} x {}", row.layer, row.maps, row.map.width, row.map.height));
    line(image.saliency.alone, "saliency");
    line(image.saliency.over, "saliency over the image");
    line(image.occlusion.alone,
         fmt::format("occlusion by {0} x {0} at {1} places: {2:.2f} % to {3:.2f} %",
                     image.square.side, image.places, 100 * image.least, 100 * image.largest));
    line(image.occlusion.over, "occlusion over the image");
  }
  if (result.bad_files > 0) text += fmt::format("bad files left out: {}\n", result.bad_files);
  return text + fmt::format("page: {}\n", io::one_line((result.out / result.page).string()));
}

}  // namespace

void add_pictures(CLI::App& verb, Arguments& arguments) {
  PicturesArguments& own = arguments.pictures;
  verb.add_option("--weights", own.weights, "weights.safetensors of a run, of any net")->required();
  verb.add_option("--out", arguments.out,
                  "folder for the pictures and pictures.html; made where it is not there")
      ->required();
  verb.add_option("--layer", own.layers,
                  "layer whose activations are shown, as describe names it; may be given several "
                  "times (default: the first convolution and the last pooling)")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  verb.add_option(
      "--class", own.of_class,
      "class that saliency and occlusion are of (default: the likeliest of each image)");
  verb.add_option("--occlude", own.square,
                  "side of the grey square, pixels of what the net sees (default: a sixth of it)")
      ->check(CLI::Range(1, 1024));
  verb.add_option("--occlude-step", own.step, "pixels it moves by (default: half its side)")
      ->check(CLI::Range(1, 1024));
  verb.add_option(
      "files", own.files,
      fmt::format("JPEG files, at most {}; none: the filters alone", nodes::kMostPicturedFiles));
}

std::string run_pictures(const io::Recipe& recipe, const Arguments& arguments, Form form,
                         const nodes::Listener& listener, std::stop_token stop) {
  const PicturesArguments& own = arguments.pictures;
  const nodes::PicturesResult result =
      nodes::make_pictures(recipe,
                           {.weights = own.weights,
                            .out = arguments.out,
                            .layers = own.layers,
                            .of_class = own.of_class,
                            .square = own.square,
                            .step = own.step,
                            .files = {own.files.begin(), own.files.end()}},
                           listener, stop);
  return form == Form::json ? json_of(result) : text_of(result);
}

}  // namespace sluice::apps
