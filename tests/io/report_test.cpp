#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/report/axis.h"
#include "io/report/base64.h"
#include "io/report/html.h"
#include "io/report/page.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

constexpr const char* kHostile = "</title></script><script>alert(1)</script>\"&'<img src=http://x>";

NodeRecord node(std::string name, std::string unit, Lane lane, double busy) {
  return {.name = std::move(name),
          .place = "cpu",
          .unit = std::move(unit),
          .lane = lane,
          .items_in = 1234567,
          .items_out = 1234567,
          .run_seconds = 20,
          .busy_seconds = busy,
          .cpu_seconds = busy * 0.75,
          .p50_ms = 1.25,
          .p90_ms = 12.5,
          .p99_ms = 125};
}

// Something in every section, and hostile bytes wherever a file could bring them.
ReportPage full_page() {
  const std::string hostile = kHostile;
  ReportPage page{.title = hostile,
                  .verb = "train",
                  .ended = hostile,
                  .data = hostile,
                  .recipe = "[run]\n# " + hostile + "\n\tx = \"caf\xE9\"\n"};
  page.account = {
      .nodes = {node("decode", "image", Lane::threads, 30),
                node("forward", "batch", Lane::step, 12), node(hostile, "image", Lane::threads, 1),
                node("validation/decode", "image", Lane::threads, 2)},
      .overheads = {{hostile, 1.5}},
      .wall_seconds = 20,
      .cpu_seconds_process = 40,
      .threads = 2,
      .layers = {{.name = hostile, .kind = hostile, .steps = 2}},
      .verdict = {.limiting_node = "decode",
                  .resource = "cores",
                  .text = hostile,
                  .headroom_percent = 12,
                  .next_limit = hostile,
                  .rate = {205, 4},
                  .remedies = {{"node", hostile, hostile, {300, 5}}}}};
  page.machine = {.versions = {{hostile, hostile}}, .cpu = hostile};
  for (const NodeRecord& record : page.account.nodes) page.timeline.nodes.push_back(record.name);
  for (int i = 0; i < 5; ++i) {
    page.timeline.moments.push_back(
        {.seconds = i * 5.0,
         .nodes = std::vector<NodeMoment>(
             4,
             {.items_out = i * 100, .busy_seconds = i * 1.0, .cpu_seconds = i * 0.5, .queued = i}),
         .in_flight = {.file_bytes = 1000 * i, .image_bytes = 100000},
         .cpu_seconds_process = i * 2.5,
         .device_seconds = i * 0.5});
  }
  page.steps.points = {{.step = 1, .loss = 2.5, .learning_rate = 0.1},
                       {.step = 2, .loss = 1.5, .learning_rate = 0.001}};
  page.epochs = {{.epoch = 1, .train_loss = 2.5, .val_top1 = 0.5, .val_top5 = 0.75, .seconds = 9},
                 {.epoch = 2, .train_loss = 1.5, .val_top1 = 0.625, .val_top5 = 1, .seconds = 9}};
  page.filters = {
      {.name = hostile, .words = {hostile}, .shown = {4, 3}, .png = std::vector<std::byte>(5)}};
  page.samples = {{.path = hostile,
                   .label = hostile,
                   .stages = {{.node = hostile,
                               .decision = hostile,
                               .extent = {4, 3},
                               .shown = {4, 3},
                               .jpeg = std::vector<std::byte>(5)}}}};
  page.confusion = {.classes = {hostile, "\xFF\xFE"}, .counts = {3, 1, 2, 4}};
  page.confusion_of = hostile;
  return page;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

json data_of(const std::string& html) {
  const std::string begin = "id=\"sluice-report\">";
  const std::size_t at = html.find(begin) + begin.size();
  return json::parse(html.substr(at, html.find("</script>", at) - at));
}

TEST_CASE("what comes from files is text and nothing else, in every section", "[io][report]") {
  const std::string html = report_page(full_page());
  CHECK(count(html, "<script") == 1);  // the data, which no browser runs
  CHECK(count(html, "</script>") == 1);
  CHECK(count(html, "</title>") == count(html, "<title>"));
  CHECK(count(html, "<img ") == 2);
  CHECK_THAT(html, Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;"));
  CHECK_THAT(html, Contains("caf%E9"));
  CHECK_THAT(html, Contains("%FF%FE"));
  for (const char* section : {"graph", "account", "time", "learning", "layers", "filters",
                              "samples", "confusion", "recipe", "machine"}) {
    CAPTURE(section);
    CHECK(count(html, "<section id=\"" + std::string(section) + "\"") == 1);
    CHECK(count(html, "href=\"#" + std::string(section) + "\"") == 1);
  }
}

TEST_CASE("a page asks nobody for anything", "[io][report]") {
  ReportPage page = full_page();
  std::string html = report_page(page);
  CHECK_THAT(html, Contains("default-src 'none'"));
  CHECK(count(html, "src=\"") == count(html, "src=\"data:"));
  CHECK(count(html, "url(") == 0);
  CHECK(count(html, "@import") == 0);
  CHECK(count(html, "href=\"") == count(html, "href=\"#") + count(html, "href=\"data:,\""));
}

TEST_CASE("the data of a page are the account's file and what its curves show", "[io][report]") {
  const ReportPage page = full_page();
  const json data = data_of(report_page(page));
  CHECK(data["account"] == json::parse(nodes_json(page.account, page.machine)));
  CHECK(data["epochs"][1]["val_top1"] == 0.625);
  CHECK(data["epochs"][1]["val_per_class"].is_null());
  CHECK(data["steps"]["loss"] == json::parse("[2.5, 1.5]"));
  CHECK(data["confusion"]["counts"] == json::parse("[[0,0,3],[0,1,1],[1,0,2],[1,1,4]]"));
}

TEST_CASE("cells show the account's figures", "[io][report]") {
  const std::string html = report_page(full_page());
  CHECK_THAT(html, Contains("<td data-key=\"items_in\">1\u202f234\u202f567</td>"));
  CHECK_THAT(html, Contains("<td data-key=\"busy_seconds\">30.00</td>"));
  CHECK_THAT(html, Contains("<td data-key=\"cpu_seconds\">22.50</td>"));
  CHECK_THAT(html, Contains("<td data-key=\"p99_ms\">125</td>"));
  CHECK_THAT(html, Contains("<b>205</b> <span>&#177; 4"));
  CHECK_THAT(html, Contains("+46 %"));  // 300 of 205
}

TEST_CASE("an empty page is a page", "[io][report]") {
  const std::string html = report_page({});
  CHECK_THAT(html, Contains("<!DOCTYPE html>") && Contains("</html>"));
  for (const char* section : {"graph", "account", "time", "learning", "samples", "confusion"})
    CHECK(count(html, "<section id=\"" + std::string(section) + "\"") == 0);
  CHECK(data_of(html)["account"]["nodes"].empty());
}

TEST_CASE("a run too short to say anything of says so", "[io][report]") {
  ReportPage page = full_page();
  page.account.verdict = {.text = "too short a run to say what limits it"};
  const std::string html = report_page(page);
  CHECK_THAT(html, Contains("verdict unknown") && Contains("too short to say"));
  CHECK(count(html, "class=\"remedies\"") == 0);
  CHECK(count(html, "tag limit") == 0);
}

TEST_CASE("classes beyond what a map can show are a table of pairs", "[io][report]") {
  for (const std::size_t classes : {20U, 33U, 100U, 101U}) {
    ReportPage page;
    for (std::size_t i = 0; i < classes; ++i) page.confusion.classes.push_back("c");
    page.confusion.counts.assign(classes * classes, 1);
    const std::string html = report_page(page);
    CAPTURE(classes);
    CHECK(count(html, "class=\"confusion\"") == (classes <= 100 ? 1 : 0));
    CHECK(count(html, "<table id=\"pairs\"") == 1);
    CHECK(html.size() < 1'000'000);
  }
}

TEST_CASE("figures have about three digits", "[io][report]") {
  using namespace report;
  CHECK(figure(0.01234) == "0.0123");
  CHECK(figure(4.5) == "4.50");
  CHECK(figure(45.67) == "45.7");
  CHECK(figure(1234567) == "1\u202f234\u202f567");
  CHECK(figure(std::nan("")) == "-");
  CHECK(short_figure(4.5) == "4.5");
  CHECK(short_figure(10) == "10");
  CHECK(short_figure(200) == "200");
  CHECK(short_figure(0) == "0");
  CHECK(grouped(-1234) == "-1\u202f234");
  CHECK(percent(3.14) == "3.1 %");
  CHECK(percent(31.4) == "31 %");
  CHECK(duration(0.25) == "250 ms");
  CHECK(duration(62) == "62 s");
  CHECK(duration(125) == "2 min 5 s");
  CHECK(duration(7800) == "2 h 10 min");
  CHECK(byte_count(1500) == "1.5 kB");
  CHECK(byte_count(12) == "12 B");
}

TEST_CASE("axes have round numbers inside their range", "[io][report]") {
  using namespace report;
  CHECK(round_ticks({0, 10}, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(time_ticks({0, 60}, 5) == std::vector<double>{0, 15, 30, 45, 60});
  CHECK(time_ticks({0, 90000}, 5).at(1) == 18000);
  CHECK(log_ticks({0.0001, 0.01}).size() == 3);
  CHECK(log_ticks({1, 10}).size() == 4);
  CHECK(rounded_up({0, 9.1}).high == 10);
  CHECK(round_ticks({3, 3}, 5) == std::vector<double>{3});
  for (const double high : {1e-9, 0.3, 7.0, 1e12}) {
    const std::vector<double> ticks = round_ticks({0, high}, 5);
    CHECK(ticks.size() >= 2);
    CHECK(ticks.size() <= 6);
    CHECK(ticks.back() <= high * 1.000001);
  }
}

TEST_CASE("base64 is RFC 4648's", "[io][report]") {
  const auto encoded = [](const std::string& text) {
    return report::base64(std::as_bytes(std::span(text)));
  };
  CHECK(encoded("").empty());
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foobar") == "Zm9vYmFy");
}

TEST_CASE("a page appears whole or not at all", "[io][report]") {
  const test::TempFolder folder;
  write_report_page(folder / "report.html", full_page());
  CHECK(test::text_of(folder / "report.html") == report_page(full_page()));
  CHECK_THROWS(write_report_page(folder.path() / "none" / "report.html", full_page()));
}

}  // namespace
}  // namespace sluice::io
