// What a trained net has learnt and what it looks at in images, as pictures for people: the first
// layer's kernels, activations, saliency and occlusion.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "io/predictions.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"
#include "nodes/run/map_pictures.h"

namespace sluice::nodes {

inline constexpr int kMostPicturedFiles = 32;

struct PicturesRequest {
  std::filesystem::path weights;
  std::filesystem::path out;
  std::vector<std::string> layers{};           // whose activations; empty: `usual_layers`
  std::string of_class{};                      // by name; empty: the likeliest one
  std::optional<int> square{};                 // of occlusion, pixels; none: `usual_square`
  std::optional<int> step{};                   // none: half the square
  std::vector<std::filesystem::path> files{};  // at most kMostPicturedFiles
};

// Names of files are in the folder.
struct FilterFile {
  std::string file;
  std::string layer;
  int kernels = 0;
  int side = 0;
  int channels = 0;
  int towers = 1;
};

struct ActivationFile {
  std::string file;
  std::string layer;
  int maps = 0;  // or units, of which a map is 1 x 1
  Extent map;
  GreyScale scale;  // values shown as black and white
};

// A map, and the same over the image.
struct MapFiles {
  std::string alone;
  std::string over;
};

struct ImageFiles {
  std::string path;
  std::vector<io::Guess> best;  // what the net says
  int of_class = 0;             // that saliency and occlusion are of
  double probability = 0.0;     // of that class
  std::string seen;             // the pixels that the net saw
  std::vector<ActivationFile> activations;
  MapFiles saliency;
  double white = 0.0;  // slope that is shown as white
  MapFiles occlusion;
  Square square;
  int places = 0;      // of the square
  double least = 0.0;  // probability, over all places
  Place least_at;
  double largest = 0.0;
};

struct PicturesResult {
  std::filesystem::path out;
  std::string page;  // a file in it
  std::string net;
  std::string variant;
  std::vector<std::string> classes;  // a name for each score
  std::optional<FilterFile> filters;
  std::vector<ImageFiles> images;
  int bad_files = 0;
};

// The first convolution, or the activation right behind it, and the last pooling.
std::vector<std::string> usual_layers(const Net& net);

// Writes the pictures and `pictures.html` into request.out. The net, its input chain and how files
// are read are the weights' own; of `recipe` count run.* and train.batch. On the CPU: `--backend
// auto` takes no device here. Throws Error{usage} before anything is written for what is wrong with
// the request, naming what would be valid; Error{interrupted} when stopped: the pictures that were
// written by then stay, each whole, and the page, which is written last, is an earlier run's or
// none.
PicturesResult make_pictures(const io::Recipe& recipe, const PicturesRequest& request,
                             const Listener& listener, const std::stop_token& stop);

}  // namespace sluice::nodes
