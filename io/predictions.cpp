#include "io/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/text.h"

namespace sluice::io {
namespace {

constexpr std::size_t kBest = 5;

std::string class_name(int of_class, std::span<const std::string> classes) {
  const auto index = static_cast<std::size_t>(of_class);
  return of_class >= 0 && index < classes.size() ? percent_encoded(classes[index]) : std::string();
}

// Quoted where commas or quotes stand in it (RFC 4180); line ends are percent-encoded already.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::vector<Guess> best_of(std::span<const double> probabilities, std::size_t at_most) {
  std::vector<Guess> all;
  for (std::size_t c = 0; c < probabilities.size(); ++c)
    if (!std::isnan(probabilities[c])) all.push_back({static_cast<int>(c), probabilities[c]});
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(at_most, all.size()));
  std::partial_sort(all.begin(), end, all.end(), [](const Guess& a, const Guess& b) {
    return a.probability > b.probability ||
           (a.probability == b.probability && a.of_class < b.of_class);
  });
  all.erase(end, all.end());
  return all;
}

std::vector<Prediction> worst_of(std::span<const Prediction> predictions, std::size_t at_most) {
  std::vector<Prediction> wrong;
  for (const Prediction& prediction : predictions)
    if (!prediction.best.empty() && !is_right(prediction)) wrong.push_back(prediction);
  std::ranges::stable_sort(wrong, std::greater<>{}, [](const Prediction& prediction) {
    return prediction.best.front().probability;
  });
  if (wrong.size() > at_most) wrong.resize(at_most);
  return wrong;
}

std::string predictions_csv(std::span<const Prediction> predictions,
                            std::span<const std::string> classes) {
  std::string text = "path,label,right";
  for (std::size_t i = 1; i <= kBest; ++i) text += fmt::format(",class{},probability{}", i, i);
  text += "\n";
  for (const Prediction& prediction : predictions) {
    text +=
        fmt::format("{},{},{}", csv_field(percent_encoded(prediction.path)),
                    csv_field(class_name(prediction.label, classes)), is_right(prediction) ? 1 : 0);
    for (std::size_t i = 0; i < kBest; ++i) {
      if (i >= prediction.best.size()) {
        text += ",,";
        continue;
      }
      const Guess& guess = prediction.best[i];
      text += fmt::format(",{},{:.9g}", csv_field(class_name(guess.of_class, classes)),
                          guess.probability);
    }
    text += "\n";
  }
  return text;
}

std::string predictions_json(std::span<const Prediction> predictions,
                             std::span<const std::string> classes) {
  using nlohmann::ordered_json;
  ordered_json rows = ordered_json::array();
  for (const Prediction& prediction : predictions) {
    ordered_json best = ordered_json::array();
    for (const Guess& guess : prediction.best)
      best.push_back(
          {{"class", class_name(guess.of_class, classes)}, {"probability", guess.probability}});
    ordered_json row = {{"path", percent_encoded(prediction.path)}};
    if (prediction.label >= 0) {
      row["label"] = class_name(prediction.label, classes);
      row["right"] = is_right(prediction);
    }
    row["best"] = std::move(best);
    rows.push_back(std::move(row));
  }
  return rows.dump(1) + "\n";
}

void write_predictions(const std::filesystem::path& file, std::span<const Prediction> predictions,
                       std::span<const std::string> classes) {
  write_text_file(file, file.extension() == ".csv" ? predictions_csv(predictions, classes)
                                                   : predictions_json(predictions, classes));
}

}  // namespace sluice::io
