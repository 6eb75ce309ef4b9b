// A run as one HTML page that needs nothing else: no network, no script, no font. Pure but for
// `write_report_page`.
//
// Everything that comes from files (names of classes, paths, recipes) may be any bytes; it is
// escaped here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/nodes_json.h"
#include "io/report/picture.h"
#include "io/report/step_curve.h"
#include "io/training_state.h"
#include "runtime/account.h"
#include "runtime/extent.h"
#include "runtime/timeline.h"

namespace sluice::io {

// What one node of the chain made of one image.
struct SampleStage {
  std::string node;             // "random-crop"
  std::string decision;         // "crop 224x224 at 12,3"; may be empty
  Extent extent;                // of the image
  Extent shown;                 // of the picture, which may be smaller
  std::vector<std::byte> jpeg;  // the picture
  // Of an image of floats: the values that are shown as black and white.
  bool stretched = false;
  double black = 0.0;
  double white = 255.0;
};

// One training image on its way through the chain, `decode` first.
struct Sample {
  std::string path;
  std::string label;  // empty: the data have none
  std::vector<SampleStage> stages;
};

// An image that a net took for something else.
struct Mistake {
  std::string path;
  std::string label;         // what it is
  std::string guess;         // what was said
  double probability = 0.0;  // of the guess
  Extent shown;              // of the picture
  std::vector<std::byte> jpeg;
};

// How often images of one class were taken for another.
struct Confusion {
  std::vector<std::string> classes;
  std::vector<std::int64_t> counts;  // (label, predicted)

  std::int64_t at(std::size_t label, std::size_t predicted) const {
    return counts[label * classes.size() + predicted];
  }
};

// A share of images, as a fact of the headline.
struct Accuracy {
  std::string name;
  double share = 0.0;  // 0 to 1
};

// Everything that a page may show; what is empty is left out.
struct ReportPage {
  std::string title;   // "alexnet owt"
  std::string verb;    // "train", "profile", "evaluate"
  std::string ended;   // "interrupted", or why it failed; empty: it came to its end
  std::string data;    // where the images came from
  std::string date;    // "2026-11-21 14:03"
  std::string recipe;  // as TOML
  AccountRecord account;
  Machine machine;
  Timeline timeline;
  StepCurve steps;
  std::vector<EpochRow> epochs;
  std::vector<Accuracy> accuracy;
  std::vector<Picture> filters;  // of the first layer
  std::vector<Sample> samples;
  Confusion confusion;
  std::string confusion_of;       // "validation, epoch 3"
  std::vector<Mistake> mistakes;  // the worst first
};

// The page. In it a script element of type application/json, id "sluice-report": `account` (the
// document of nodes_json), `epochs`, `steps` (each as the page shows them), `confusion` (as
// `confusion_json` gives it).
std::string report_page(const ReportPage& page);

// {"classes": names, "counts": [[label, predicted, images], ...] where there are any}; in names
// bytes that are not UTF-8 are percent-encoded.
std::string confusion_json(const Confusion& confusion);

// Whole or not at all; Error{run}.
void write_report_page(const std::filesystem::path& file, const ReportPage& page);

}  // namespace sluice::io
