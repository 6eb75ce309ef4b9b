// How right trained nets are on a folder of images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "io/predictions.h"
#include "io/recipe.h"
#include "io/report/page.h"
#include "nodes/run/listener.h"
#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::nodes {

enum class FlipAverage { as_published, yes };  // yes: of protocol centre, which has none

struct EvaluateRequest {
  std::vector<std::filesystem::path> weights{};  // nets that are averaged, at least one
  FlipAverage flips = FlipAverage::as_published;
  std::vector<int> scales{};  // shorter sides after the rescale; empty: the chain's own
  // Sampled dropout masks whose probabilities are averaged; 0: dropout's rule for testing. Keyed
  // by the first net's training seed (nodes/evaluate_views.h).
  int dropout_samples = 0;
  int worst = 0;  // mistakes of which pictures are wanted, at most
  // Images to be told about instead of the recipe's data: their labels are not known, so that there
  // are predictions and no accuracy.
  std::vector<std::filesystem::path> files{};
};

struct EvaluateResult {
  std::string split;  // which images: "val", "train", "all", "files"
  std::string protocol;
  std::vector<int> scales;
  int views = 0;  // that all nets together are shown of an image; whole images count as two
  std::int64_t images = 0;
  std::int64_t bad_files = 0;
  double top1 = 0.0;  // 0 to 1
  double top5 = 0.0;
  double per_class = 0.0;  // mean over classes of their top-1
  std::vector<io::ClassRow> classes;
  io::Confusion confusion;                  // empty for nets of more than 1000 classes
  std::vector<io::Prediction> predictions;  // in the order of the data set
  std::vector<io::Mistake> mistakes;        // as many as were wanted, the worst first
  std::vector<io::Picture> filters;         // of the first net
  std::vector<std::string> class_names() const;
  AccountRecord account;
  Timeline timeline;
  io::Recipe trained;  // of the first net: net, chain and all
};

// The recipe's data through the nets in the request's weights by the protocol evaluate.protocol
// (nodes/run/protocol.h), with the orientation, the input chains and the statistics stored there,
// as one flow graph: a branch for every net, kind of views and scale. Labels are matched by class
// name. Throws Error{usage} for weights that do not fit, Error{interrupted} when stopped.
EvaluateResult evaluate(const io::Recipe& recipe, const EvaluateRequest& request,
                        const Listener& listener, std::stop_token stop);

// Throws Error{usage} unless the name of `file` ends in .csv or .json and it can be written.
void check_predictions_file(const std::filesystem::path& file);

// The result as a page (report_pages.h: `check_page_file` before).
void write_page(const std::filesystem::path& file, const io::Recipe& recipe,
                const EvaluateResult& result);

}  // namespace sluice::nodes
