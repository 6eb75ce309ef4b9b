// The page's figures for programs.
#include <nlohmann/json.hpp>

#include "io/report/sections.h"
#include "io/text.h"

namespace sluice::io::report {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json epochs_json(const std::vector<EpochRow>& epochs) {
  Json rows = Json::array();
  for (const EpochRow& row : epochs) {
    rows.push_back({{"epoch", row.epoch},
                    {"train_loss", row.train_loss},
                    {"val_top1", or_null(row.val_top1)},
                    {"val_top5", or_null(row.val_top5)},
                    {"val_per_class", or_null(row.val_per_class)},
                    {"seconds", row.seconds}});
  }
  return rows;
}

// Columns: a row an object would be twice as long.
Json steps_json(const StepCurve& curve) {
  Json steps{{"steps_per_point", curve.steps_per_point},
             {"step", Json::array()},
             {"loss", Json::array()},
             {"learning_rate", Json::array()},
             {"images_per_second", Json::array()}};
  for (const StepPoint& point : curve.points) {
    steps["step"].push_back(point.step);
    steps["loss"].push_back(or_null(point.loss));
    steps["learning_rate"].push_back(point.learning_rate);
    steps["images_per_second"].push_back(point.images_per_second);
  }
  return steps;
}

Json confusion_table(const Confusion& confusion) {
  Json classes = Json::array();
  Json counts = Json::array();
  for (const std::string& name : confusion.classes) classes.push_back(percent_encoded(name));
  for (std::size_t label = 0; label < confusion.classes.size(); ++label) {
    for (std::size_t predicted = 0; predicted < confusion.classes.size(); ++predicted) {
      if (confusion.at(label, predicted) == 0) continue;
      counts.push_back({label, predicted, confusion.at(label, predicted)});
    }
  }
  return {{"classes", classes}, {"counts", counts}};
}

}  // namespace

std::string page_json(const ReportPage& page) {
  const Json rest{{"epochs", epochs_json(page.epochs)},
                  {"steps", steps_json(page.steps)},
                  {"confusion", confusion_table(page.confusion)}};
  // The account as its own file has it, byte for byte.
  return "{\"account\":" + nodes_json(page.account, page.machine) + "," + rest.dump().substr(1);
}

}  // namespace sluice::io::report

namespace sluice::io {

std::string confusion_json(const Confusion& confusion) {
  return report::confusion_table(confusion).dump();
}

}  // namespace sluice::io
