#include "apps/common/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "graph/account/layer_table.h"
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

ordered_json spread_json(const std::vector<double>& values) {
  double sum = 0.0, most = 0.0;
  for (const double value : values) {
    sum += value;
    most = std::max(most, value);
  }
  const auto count = static_cast<double>(std::max<std::size_t>(values.size(), 1));
  return {{"mean", sum / count}, {"max", most}};
}

// `of` a moment, over all of them.
template <class Of>
ordered_json spread_of(const Timeline& timeline, const Of& of) {
  std::vector<double> values;
  for (const Moment& moment : timeline.moments) values.push_back(static_cast<double>(of(moment)));
  return spread_json(values);
}

// What was in flight, and what stood before each node. All of it is in timeline.json.
ordered_json summary_json(const Timeline& timeline) {
  const auto in_flight = [&](auto InFlight::*field) {
    return spread_of(timeline, [&](const Moment& moment) { return moment.in_flight.*field; });
  };
  ordered_json json = {
      {"moments", timeline.moments.size()},
      {"interval_seconds", timeline.interval_seconds},
      {"seconds", timeline.moments.empty() ? 0.0 : timeline.moments.back().seconds},
      {"file_bytes", in_flight(&InFlight::file_bytes)},
      {"image_bytes", in_flight(&InFlight::image_bytes)},
      {"slots_busy", in_flight(&InFlight::slots_busy)},
      {"queued", ordered_json::array()}};
  for (std::size_t i = 0; i < timeline.nodes.size(); ++i) {
    ordered_json row = {{"name", io::percent_encoded(timeline.nodes[i])}};
    row.update(spread_of(timeline, [i](const Moment& moment) {
      return std::max<std::int64_t>(moment.nodes[i].queued, 0);
    }));
    json["queued"].push_back(std::move(row));
  }
  return json;
}

std::string accuracy_words(double top1, double top5, double per_class) {
  return fmt::format("top-1 {:.2f} %, top-5 {:.2f} %, mean per class {:.3f}", 100 * top1,
                     100 * top5, per_class);
}

// "ten-crop, 10 views"
std::string protocol_words(const nodes::EvaluateResult& result) {
  std::string text = result.protocol;
  for (std::size_t i = 0; i < result.scales.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? " at " : ", ", result.scales[i]);
  return text + fmt::format(" ({} view{})", result.views, result.views == 1 ? "" : "s");
}

double share_right(const io::ClassRow& row) {
  return row.images == 0 ? 0.0 : static_cast<double>(row.right) / static_cast<double>(row.images);
}

// Classes with images, where a terminal has room for them.
std::string class_table(const nodes::EvaluateResult& result) {
  constexpr std::size_t kMost = 100;
  std::string text;
  std::size_t shown = 0;
  for (const io::ClassRow& row : result.classes) {
    if (row.images == 0) continue;
    if (++shown > kMost) return {};
    text += fmt::format("  {:<24} {:>6} of {:<6} {:6.2f} %\n", io::one_line(row.name), row.right,
                        row.images, 100 * share_right(row));
  }
  return text;
}

ordered_json classes_json(const nodes::EvaluateResult& result) {
  ordered_json rows = ordered_json::array();
  for (const io::ClassRow& row : result.classes)
    if (row.images > 0)
      rows.push_back(
          {{"name", io::percent_encoded(row.name)}, {"images", row.images}, {"right", row.right}});
  return rows;
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
  std::string text = graph::table(result.account) + graph::layer_table(result.account);
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
  document["timeline"] = summary_json(result.timeline);
  document["account"] = account_json(result.account);
  return document.dump(2) + "\n";
}

std::string report(const nodes::EvaluateResult& result, Form form) {
  if (form == Form::text) {
    return fmt::format("{} {} images ({} bad left out), {}: {}\n", result.images, result.split,
                       result.bad_files, protocol_words(result),
                       accuracy_words(result.top1, result.top5, result.per_class)) +
           class_table(result);
  }
  const ordered_json document = {
      {"split", result.split},
      {"images", result.images},
      {"bad_files", result.bad_files},
      {"top1", result.top1},
      {"top5", result.top5},
      {"per_class", result.per_class},
      {"protocol", result.protocol},
      {"scales", result.scales},
      {"views", result.views},
      {"classes", classes_json(result)},
      {"confusion", ordered_json::parse(io::confusion_json(result.confusion))},
      {"account", account_json(result.account)}};
  return document.dump(2) + "\n";
}

std::string prediction_report(const nodes::EvaluateResult& result, Form form) {
  const std::vector<std::string> classes = result.class_names();
  if (form == Form::json) {
    const ordered_json document = {
        {"protocol", result.protocol},
        {"scales", result.scales},
        {"views", result.views},
        {"bad_files", result.bad_files},
        {"images", ordered_json::parse(io::predictions_json(result.predictions, classes))},
        {"account", account_json(result.account)}};
    return document.dump(2) + "\n";
  }
  std::string text;
  for (const io::Prediction& prediction : result.predictions) {
    text += io::one_line(prediction.path) + "\n";
    for (const io::Guess& guess : prediction.best)
      text += fmt::format("  {:6.2f} %  {}\n", 100 * guess.probability,
                          io::one_line(classes[static_cast<std::size_t>(guess.of_class)]));
  }
  return text;
}

std::string report(const nodes::ProfileResult& result, Form form) {
  const double rate = result.seconds > 0 ? static_cast<double>(result.files) / result.seconds : 0.0;
  if (form == Form::text) {
    return fmt::format("{}{}\n{} files in {:.2f} s: {:.1f} files/s, {} of them bad\n",
                       graph::table(result.account), graph::layer_table(result.account),
                       result.files, result.seconds, rate, result.bad_files);
  }
  const ordered_json document = {{"files", result.files},
                                 {"bad_files", result.bad_files},
                                 {"seconds", result.seconds},
                                 {"files_per_second", rate},
                                 {"announced_bytes", result.announced_bytes},
                                 {"interrupted", result.interrupted},
                                 {"timeline", summary_json(result.timeline)},
                                 {"account", account_json(result.account)}};
  return document.dump(2) + "\n";
}

}  // namespace sluice::apps
