#include "io/trace_json.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "io/text.h"

namespace sluice::io {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;

// JSON holds UTF-8 only.
std::string as_utf8(const std::string& name) {
  return is_utf8(name) ? name : percent_encoded(name);
}
// With its quotes.
std::string json_string(const std::string& name) { return nlohmann::json(as_utf8(name)).dump(); }

std::vector<std::string> json_strings(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) all.push_back(json_string(name));
  return all;
}

// A list of events in a file, one a line.
class EventWriter {
 public:
  explicit EventWriter(AtomicFile& file) : file_(file) {}

  template <class... Args>
  void add(fmt::format_string<Args...> event, Args&&... args) {
    text_.append(std::string_view(first_ ? "\n" : ",\n"));
    first_ = false;
    fmt::format_to(std::back_inserter(text_), event, std::forward<Args>(args)...);
    if (text_.size() >= kChunk) flush();
  }
  void flush() {
    file_.write(std::string_view(text_.data(), text_.size()));
    text_.clear();
  }

 private:
  AtomicFile& file_;
  fmt::memory_buffer text_;
  bool first_ = true;
};

// Nanoseconds as the format's microseconds.
struct Micros {
  std::int64_t whole;
  std::int64_t thousandths;
};
Micros micros(std::int64_t ns) { return {ns / 1000, ns % 1000}; }

std::size_t index(std::int32_t number) { return static_cast<std::size_t>(number); }

// A track's thread number in the viewer, from 1.
std::int32_t thread_of(std::int32_t track) { return track + 1; }

void add_tracks(EventWriter& events, const Trace& trace) {
  std::vector<bool> used(trace.tracks.size());
  for (const TraceSpan& span : trace.spans) used[index(span.track)] = true;
  events.add(R"({{"ph":"M","pid":1,"name":"process_name","args":{{"name":"sluice"}}}})");
  for (std::size_t track = 0; track < trace.tracks.size(); ++track) {
    if (!used[track]) continue;
    const auto thread = thread_of(static_cast<std::int32_t>(track));
    events.add(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_name","args":{{"name":{}}}}})", thread,
               json_string(trace.tracks[track]));
    events.add(
        R"({{"ph":"M","pid":1,"tid":{},"name":"thread_sort_index","args":{{"sort_index":{}}}}})",
        thread, thread);
  }
}

void add_spans(EventWriter& events, const Trace& trace) {
  const std::vector<std::string> names = json_strings(trace.names);
  for (const TraceSpan& span : trace.spans) {
    const Micros begin = micros(span.begin_ns);
    const Micros length = micros(span.end_ns - span.begin_ns);
    events.add(
        R"({{"ph":"X","pid":1,"tid":{},"ts":{}.{:03},"dur":{}.{:03},"name":{},"args":{{"item":{}}}}})",
        thread_of(span.track), begin.whole, begin.thousandths, length.whole, length.thousandths,
        names[index(span.name)], span.item);
  }
}

void add_values(EventWriter& events, const Trace& trace) {
  const std::vector<std::string> counters = json_strings(trace.counters);
  for (const TraceValue& value : trace.values) {
    const Micros at = micros(value.at_ns);
    events.add(R"({{"ph":"C","pid":1,"ts":{}.{:03},"name":{},"args":{{"value":{}}}}})", at.whole,
               at.thousandths, counters[index(value.counter)], value.value);
  }
}

std::string rest_json(const Trace& trace) {
  nlohmann::ordered_json rest = nlohmann::ordered_json::array();
  for (const TraceRest& sum : trace.rest) {
    rest.push_back({{"name", as_utf8(trace.names[index(sum.name)])},
                    {"spans", sum.spans},
                    {"busy_seconds", static_cast<double>(sum.busy_ns) * 1e-9}});
  }
  return rest.dump();
}

}  // namespace

void write_trace_json(const std::filesystem::path& path, const Trace& trace) {
  AtomicFile file(path);
  file.write(std::string_view(R"({"displayTimeUnit":"ms","otherData":{"rest":)"));
  file.write(rest_json(trace));
  file.write(std::string_view(R"(},"traceEvents":[)"));
  EventWriter events(file);
  add_tracks(events, trace);
  add_spans(events, trace);
  add_values(events, trace);
  events.flush();
  file.write(std::string_view("\n]}\n"));
  file.commit();
}

}  // namespace sluice::io
