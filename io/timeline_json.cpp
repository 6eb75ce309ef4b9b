#include "io/timeline_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/json_fields.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t written(std::int64_t count) { return count; }
double written(double seconds) { return std::round(seconds * 1e6) / 1e6; }  // few digits

// A column: what `of` says of each moment.
template <class Of>
Json column(const Timeline& timeline, Of of) {
  Json column = Json::array();
  for (const Moment& moment : timeline.moments) column.push_back(written(of(moment)));
  return column;
}

Json node_json(const Timeline& timeline, std::size_t node) {
  const auto of_node = [&](auto NodeMoment::*field) {
    return column(timeline, [&](const Moment& moment) { return moment.nodes[node].*field; });
  };
  return {{"name", percent_encoded(timeline.nodes[node])},
          {"items_out", of_node(&NodeMoment::items_out)},
          {"busy_seconds", of_node(&NodeMoment::busy_seconds)},
          {"cpu_seconds", of_node(&NodeMoment::cpu_seconds)},
          {"queued", of_node(&NodeMoment::queued)}};
}

// Puts a column that was read into its field of each moment.
class Columns {
 public:
  explicit Columns(Timeline& timeline) : timeline_(timeline) {}

  template <class Value, class Put>
  void put(const JsonFields& from, const char* key, const std::vector<Value>& column, Put put) {
    require(column.size() == timeline_.moments.size(), "{} has {} entries; the timeline has {}",
            from.where(key), column.size(), timeline_.moments.size());
    for (std::size_t i = 0; i < column.size(); ++i) put(timeline_.moments[i], column[i]);
  }
  void reals(const JsonFields& from, const char* key, double Moment::*field) {
    put(from, key, from.reals(key), [&](Moment& moment, double value) { moment.*field = value; });
  }

 private:
  Timeline& timeline_;
};

void read_in_flight(const JsonFields& from, Columns& columns) {
  const auto read = [&](const char* key, std::int64_t InFlight::*field) {
    columns.put(from, key, from.counts(key),
                [&](Moment& moment, std::int64_t value) { moment.in_flight.*field = value; });
  };
  read("file_bytes", &InFlight::file_bytes);
  read("image_bytes", &InFlight::image_bytes);
  columns.put(from, "slots_busy", from.counts("slots_busy"), [](Moment& moment, std::int64_t busy) {
    moment.in_flight.slots_busy = static_cast<int>(busy);
  });
}

void read_node(const JsonFields& from, std::size_t node, Columns& columns) {
  const auto counts = [&](const char* key, std::int64_t NodeMoment::*field) {
    columns.put(from, key, from.counts(key),
                [&](Moment& moment, std::int64_t value) { moment.nodes[node].*field = value; });
  };
  const auto reals = [&](const char* key, double NodeMoment::*field) {
    columns.put(from, key, from.reals(key),
                [&](Moment& moment, double value) { moment.nodes[node].*field = value; });
  };
  counts("items_out", &NodeMoment::items_out);
  reals("busy_seconds", &NodeMoment::busy_seconds);
  reals("cpu_seconds", &NodeMoment::cpu_seconds);
  counts("queued", &NodeMoment::queued);
}

}  // namespace

std::string timeline_json(const Timeline& timeline) {
  Json nodes = Json::array();
  for (std::size_t node = 0; node < timeline.nodes.size(); ++node)
    nodes.push_back(node_json(timeline, node));
  const auto of_moment = [&](double Moment::*field) {
    return column(timeline, [&](const Moment& moment) { return moment.*field; });
  };
  const auto of_flight = [&](auto InFlight::*field) {
    return column(timeline, [&](const Moment& moment) {
      return static_cast<std::int64_t>(moment.in_flight.*field);
    });
  };
  const Json document{{"interval_seconds", timeline.interval_seconds},
                      {"seconds", of_moment(&Moment::seconds)},
                      {"cpu_seconds_process", of_moment(&Moment::cpu_seconds_process)},
                      {"device_seconds", of_moment(&Moment::device_seconds)},
                      {"in_flight",
                       {{"file_bytes", of_flight(&InFlight::file_bytes)},
                        {"image_bytes", of_flight(&InFlight::image_bytes)},
                        {"slots_busy", of_flight(&InFlight::slots_busy)}}},
                      {"nodes", nodes}};
  return document.dump() + "\n";
}

void write_timeline_json(const std::filesystem::path& path, const Timeline& timeline) {
  write_text_file(path, timeline_json(timeline));
}

Timeline parse_timeline_json(std::string_view text, const std::string& name) {
  const nlohmann::json document = parse_json(text, name);
  const JsonFields fields(document, name);
  const std::vector<JsonFields> nodes = fields.objects("nodes");
  Timeline timeline{
      .nodes = {}, .interval_seconds = fields.real("interval_seconds"), .moments = {}};
  timeline.moments.resize(fields.reals("seconds").size());
  for (const JsonFields& node : nodes) timeline.nodes.push_back(node.text("name"));
  for (Moment& moment : timeline.moments) moment.nodes.resize(nodes.size());
  Columns columns(timeline);
  columns.reals(fields, "seconds", &Moment::seconds);
  columns.reals(fields, "cpu_seconds_process", &Moment::cpu_seconds_process);
  columns.reals(fields, "device_seconds", &Moment::device_seconds);
  read_in_flight(fields.object("in_flight"), columns);
  for (std::size_t node = 0; node < nodes.size(); ++node) read_node(nodes[node], node, columns);
  return timeline;
}

Timeline read_timeline_json(const std::filesystem::path& path) {
  return parse_timeline_json(json_text_of(path), one_line(path.string()));
}

}  // namespace sluice::io
