// What nets said to each image, for people and programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sluice::io {

struct Guess {
  int of_class = 0;
  double probability = 0.0;
};

struct Prediction {
  std::uint32_t number = 0;  // in the data set's order
  std::string path;
  int label = -1;            // -1: not known
  double probability = 0.0;  // of the label
  std::vector<Guess> best;   // five at most, the likeliest first, of equals the lower class
};

// A class and how right nets were on its images.
struct ClassRow {
  std::string name;
  std::int64_t images = 0;
  std::int64_t right = 0;
};

inline bool is_right(const Prediction& prediction) {
  return !prediction.best.empty() && prediction.best.front().of_class == prediction.label;
}

// Probabilities that are not numbers are passed over.
std::vector<Guess> best_of(std::span<const double> probabilities, std::size_t at_most = 5);

// Those that are wrong, the one first whose wrong guess had the highest probability.
std::vector<Prediction> worst_of(std::span<const Prediction> predictions, std::size_t at_most);

// As CSV (a head, then a row an image: path, label, right, and class1, probability1 to class5,
// probability5) or as JSON (an array of {path, label, right, best: [{class, probability}, ...]}).
// In names, bytes that are not UTF-8 are percent-encoded.
std::string predictions_csv(std::span<const Prediction> predictions,
                            std::span<const std::string> classes);
std::string predictions_json(std::span<const Prediction> predictions,
                             std::span<const std::string> classes);

// By the name's ending, .csv or .json. Whole or not at all; Error{run}.
void write_predictions(const std::filesystem::path& file, std::span<const Prediction> predictions,
                       std::span<const std::string> classes);

}  // namespace sluice::io
