#include "io/training_state_json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostText = std::size_t{32} << 20;
constexpr std::size_t kMostValues = 2'000'000;
constexpr int kDeepest = 2;                            // an epoch's row, in the list, in the state
constexpr std::int64_t kMost = std::int64_t{1} << 53;  // nothing that is counted comes near

ordered_json share(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json row_json(const EpochRow& row) {
  return {{"epoch", row.epoch},
          {"train_loss", row.train_loss},
          {"val_top1", share(row.val_top1)},
          {"val_top5", share(row.val_top5)},
          {"val_per_class", share(row.val_per_class)},
          {"seconds", row.seconds}};
}

// Fields of one JSON object, each looked at before it is believed.
class Fields {
 public:
  Fields(const json& object, const std::string& file) : object_(object), file_(file) {
    require(object.is_object(), "{}: the state of the run is not a JSON object", file);
  }

  const json& at(const char* name) const {
    const auto found = object_.find(name);
    require(found != object_.end(), "{}: the state of the run has no {}", file_, name);
    return *found;
  }
  std::int64_t count(const char* name, std::int64_t most = kMost) const {
    const json& value = at(name);
    require(value.is_number_unsigned() &&
                value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most),
            "{}: {} of the run is not a number from 0 to {}", file_, name, most);
    return value.get<std::int64_t>();
  }
  double real(const char* name) const {
    const json& value = at(name);
    require(value.is_number() && std::isfinite(value.get<double>()),
            "{}: {} of the run is not a number", file_, name);
    return value.get<double>();
  }
  std::optional<double> share(const char* name) const {
    if (at(name).is_null()) return std::nullopt;
    return real(name);
  }
  bool flag(const char* name) const {
    require(at(name).is_boolean(), "{}: {} of the run is not true or false", file_, name);
    return at(name).get<bool>();
  }
  std::string bytes(const char* name) const { return bytes_of(at(name), name); }
  const json& list(const char* name) const {
    require(at(name).is_array(), "{}: {} of the run is not a list", file_, name);
    return at(name);
  }
  std::string bytes_of(const json& value, const char* name) const {
    require(value.is_string(), "{}: {} of the run is not text", file_, name);
    return percent_decoded(value.get_ref<const std::string&>());
  }

 private:
  const json& object_;
  const std::string& file_;
};

// A tree takes many times its text: what is nested deeper or longer than any state is refused on
// the way.
json bounded_json(std::string_view text, const std::string& file) {
  require(text.size() <= kMostText, "{}: the state of the run takes {} bytes; valid: at most {}",
          file, text.size(), kMostText);
  using Event = json::parse_event_t;
  std::size_t values = 0;
  const auto check = [&](int depth, Event event, const json&) {
    const bool starts = event == Event::object_start || event == Event::array_start;
    if (event == Event::value) ++values;
    require(!(starts && depth > kDeepest) && values <= kMostValues,
            "{}: the state of the run is nested deeper than {} or has more than {} values", file,
            kDeepest + 1, kMostValues);
    return true;
  };
  return json::parse(text, check, false);
}

EpochRow row_from(const Fields& fields) {
  return {.epoch = fields.count("epoch"),
          .train_loss = fields.real("train_loss"),
          .val_top1 = fields.share("val_top1"),
          .val_top5 = fields.share("val_top5"),
          .val_per_class = fields.share("val_per_class"),
          .seconds = fields.real("seconds")};
}

ScheduleState schedule_from(const Fields& fields) {
  constexpr int kMostInt = std::numeric_limits<int>::max();
  return {.rate = fields.real("rate"),
          .best_top1 = fields.real("best_top1"),
          .epochs_since_best = static_cast<int>(fields.count("epochs_since_best", kMostInt)),
          .divisions_done = static_cast<int>(fields.count("divisions_done", kMostInt)),
          .finished = fields.flag("finished")};
}

TableBytes tables_from(const Fields& fields) {
  return {.steps = static_cast<std::uint64_t>(fields.count("steps.csv")),
          .epochs = static_cast<std::uint64_t>(fields.count("epochs.csv")),
          .bad_files = static_cast<std::uint64_t>(fields.count("bad_files.tsv"))};
}

}  // namespace

std::string training_state_text(const TrainingState& state) {
  ordered_json epochs = ordered_json::array();
  for (const EpochRow& row : state.epochs) epochs.push_back(row_json(row));
  ordered_json bad = ordered_json::array();
  for (const std::string& path : state.bad_files) bad.push_back(percent_encoded(path));
  const ScheduleState& schedule = state.schedule;
  const ordered_json document = {{"step", state.step},
                                 {"epoch", state.epoch},
                                 {"run_images", state.run_images},
                                 {"schedule",
                                  {{"rate", schedule.rate},
                                   {"best_top1", schedule.best_top1},
                                   {"epochs_since_best", schedule.epochs_since_best},
                                   {"divisions_done", schedule.divisions_done},
                                   {"finished", schedule.finished}}},
                                 {"best_top1", state.best_top1},
                                 {"epoch_images", state.epoch_images},
                                 {"epoch_good", state.epoch_good},
                                 {"epoch_bad", state.epoch_bad},
                                 {"epoch_loss", state.epoch_loss},
                                 {"epoch_seconds", state.epoch_seconds},
                                 {"first_bad", percent_encoded(state.first_bad)},
                                 {"epochs", std::move(epochs)},
                                 {"bad_files", std::move(bad)},
                                 {"tables",
                                  {{"steps.csv", state.tables.steps},
                                   {"epochs.csv", state.tables.epochs},
                                   {"bad_files.tsv", state.tables.bad_files}}}};
  return document.dump();
}

TrainingState training_state_from(std::string_view text, const std::string& file) {
  const json document = bounded_json(text, file);
  const Fields fields(document, file);
  TrainingState state{// Steps number dropout's draws in 32 bits.
                      .step = fields.count("step", std::numeric_limits<std::uint32_t>::max()),
                      .epoch = static_cast<std::uint32_t>(
                          fields.count("epoch", std::numeric_limits<std::uint32_t>::max())),
                      .run_images = fields.count("run_images"),
                      .schedule = schedule_from(Fields(fields.at("schedule"), file)),
                      .best_top1 = fields.real("best_top1"),
                      .epoch_images = fields.count("epoch_images"),
                      .epoch_good = fields.count("epoch_good"),
                      .epoch_bad = fields.count("epoch_bad"),
                      .epoch_loss = fields.real("epoch_loss"),
                      .epoch_seconds = fields.real("epoch_seconds"),
                      .first_bad = fields.bytes("first_bad"),
                      .epochs = {},
                      .bad_files = {},
                      .tables = tables_from(Fields(fields.at("tables"), file))};
  for (const json& row : fields.list("epochs")) state.epochs.push_back(row_from(Fields(row, file)));
  for (const json& path : fields.list("bad_files"))
    state.bad_files.push_back(fields.bytes_of(path, "bad_files"));
  return state;
}

}  // namespace sluice::io
