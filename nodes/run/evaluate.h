// How right a trained net is on a folder of images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "io/recipe.h"
#include "io/report/page.h"
#include "nodes/run/listener.h"
#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::nodes {

struct EvaluateResult {
  std::string split;  // which images: "val", "train", "all"
  std::int64_t images = 0;
  std::int64_t bad_files = 0;
  double top1 = 0.0;  // 0 to 1
  double top5 = 0.0;
  double per_class = 0.0;   // mean over classes of their top-1
  io::Confusion confusion;  // empty for nets of more than 1000 classes
  AccountRecord account;
  Timeline timeline;
  io::Recipe trained;  // of the weights: net, chain and all
};

// Centre crops of the recipe's data through the net in `weights`, with the orientation, the input
// chain and the statistics stored there. Labels are matched by class name. Throws Error{usage} for
// weights that do not fit, Error{interrupted} when stopped.
EvaluateResult evaluate(const io::Recipe& recipe, const std::filesystem::path& weights,
                        const Listener& listener, std::stop_token stop);

// The result as a page (report_pages.h: `check_page_file` before).
void write_page(const std::filesystem::path& file, const io::Recipe& recipe,
                const EvaluateResult& result);

}  // namespace sluice::nodes
