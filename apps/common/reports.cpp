#include "apps/common/reports.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graph/account/table.h"
#include "io/nodes_json.h"
#include "io/recipe.h"
#include "io/text.h"
#include "nodes/run/machine.h"

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;

ordered_json account_json(const AccountRecord& account) {
  return ordered_json::parse(io::nodes_json(account, nodes::described_machine()));
}

// JSON holds UTF-8 only; a path that is not is percent-encoded.
std::string path_json(const std::filesystem::path& path) {
  const std::string& bytes = path.native();
  return io::is_utf8(bytes) ? bytes : io::percent_encoded(bytes);
}

std::string accuracy_words(double top1, double top5, double per_class) {
  return fmt::format("top-1 {:.2f} %, top-5 {:.2f} %, mean per class {:.3f}", 100 * top1,
                     100 * top5, per_class);
}

ordered_json epoch_json(const io::EpochRow& epoch) {
  ordered_json row = {
      {"epoch", epoch.epoch}, {"train_loss", epoch.train_loss}, {"seconds", epoch.seconds}};
  if (epoch.val_top1) {
    row["val_top1"] = *epoch.val_top1;
    row["val_top5"] = *epoch.val_top5;
    row["val_per_class"] = *epoch.val_per_class;
  }
  return row;
}

std::string train_text(const nodes::TrainResult& result) {
  std::string text = graph::table(result.account);
  if (!result.epochs.empty() && result.epochs.back().val_top1) {
    const auto& last = result.epochs.back();
    text += fmt::format("\nvalidation, epoch {}: {}\n", last.epoch,
                        accuracy_words(*last.val_top1, *last.val_top5, *last.val_per_class));
  }
  if (result.bad_files > 0) {
    text += fmt::format("bad files: {}, listed in {}\n", result.bad_files,
                        (result.run / "bad_files.tsv").string());
  }
  text += fmt::format("weights: {}\n", result.weights.string());
  return text + fmt::format("run folder: {}\n", result.run.string());
}

}  // namespace

std::string report(const nodes::TrainResult& result, Form form) {
  if (form == Form::text) return train_text(result);
  ordered_json document = {
      {"run", path_json(result.run)},   {"weights", path_json(result.weights)},
      {"best", path_json(result.best)}, {"interrupted", result.end == graph::RunEnd::cancelled},
      {"bad_files", result.bad_files},  {"epochs", ordered_json::array()}};
  for (const auto& epoch : result.epochs) document["epochs"].push_back(epoch_json(epoch));
  document["account"] = account_json(result.account);
  return document.dump(2) + "\n";
}

std::string report(const nodes::EvaluateResult& result, Form form) {
  if (form == Form::text) {
    return fmt::format("{} {} images ({} bad left out): {}\n", result.images, result.split,
                       result.bad_files,
                       accuracy_words(result.top1, result.top5, result.per_class));
  }
  const ordered_json document = {{"split", result.split},
                                 {"images", result.images},
                                 {"bad_files", result.bad_files},
                                 {"top1", result.top1},
                                 {"top5", result.top5},
                                 {"per_class", result.per_class},
                                 {"account", account_json(result.account)}};
  return document.dump(2) + "\n";
}

std::string report(const nodes::ProfileResult& result, Form form) {
  const double rate = result.seconds > 0 ? static_cast<double>(result.files) / result.seconds : 0.0;
  if (form == Form::text) {
    return fmt::format("{}\n{} files in {:.2f} s: {:.1f} files/s, {} of them bad\n",
                       graph::table(result.account), result.files, result.seconds, rate,
                       result.bad_files);
  }
  const ordered_json document = {{"files", result.files},
                                 {"bad_files", result.bad_files},
                                 {"seconds", result.seconds},
                                 {"files_per_second", rate},
                                 {"announced_bytes", result.announced_bytes},
                                 {"interrupted", result.interrupted},
                                 {"account", account_json(result.account)}};
  return document.dump(2) + "\n";
}

}  // namespace sluice::apps
