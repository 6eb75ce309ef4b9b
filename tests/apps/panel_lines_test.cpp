// The live panel as lines, at every size.
#include <string>

#include "apps/common/panel.h"
#include "apps/common/panel_feed.h"
#include "apps/common/text_width.h"
#include "tests/support/catch.h"

namespace sluice::apps {
namespace {

using Style = PanelStyle;

Panel training() {
  Panel panel{.phase = "train",
              .epoch = 3,
              .epochs = 90,
              .images = 1280,
              .images_all = 5000,
              .images_per_second = 812.34,
              .loss = 4.1234,
              .learning_rate = 0.01,
              .seconds_left = 4.6,
              .run_seconds_left = 3700.0,
              .limit = "the cores limit: 2 threads compute for 97 % of the time"};
  for (const char* name : {"sampler", "read", "plan", "decode", "rescale", "centre-crop", "mean",
                           "random-crop", "flip", "pca-colour", "collate", "order", "upload",
                           "forward", "backward", "update", "report"})
    panel.nodes.push_back({.name = name, .unit = "image", .items_per_second = 812.3});
  panel.nodes[3].load = 0.83;
  panel.nodes[4].load = 0.06;
  panel.nodes[14].load = 0.97;
  panel.nodes[14].queued = 1.5;
  return panel;
}

std::string all_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST_CASE("no line of the panel is as wide as the terminal, and no picture as high",
          "[apps][panel]") {
  Panel awkward = training();
  awkward.nodes[2].name =
      "a-node-with-a-name-that-is-longer-than-any-terminal-is-wide-"
      "and-then-some-more-of-it-and-more-and-more-and-more-and-more";
  awkward.nodes[4].name =
      "\u5206\u985e\u306e\u753b\u50cf\u3092\u5897\u3084\u3059";  // wide characters
  awkward.nodes[5].name = "e\u0301te\u0301";                     // combining
  awkward.nodes[6].name = "\xff\xfe\x1b[31m\n";                  // no text at all
  awkward.nodes[7].load = 1e300;
  awkward.nodes[8].items_per_second = 1e18;
  awkward.limit = std::string(500, 'x');
  for (const Panel& panel : {Panel{}, training(), awkward}) {
    for (const int columns : {1, 2, 5, 9, 20, 33, 40, 80, 132, 200, 500}) {
      for (const int rows : {1, 2, 3, 5, 12, 24, 50}) {
        for (const auto glyphs : {Style::Glyphs::ascii, Style::Glyphs::unicode}) {
          for (const auto colour : {Style::Colour::none, Style::Colour::ansi}) {
            const auto lines = panel_lines(panel, {columns, rows}, {colour, glyphs});
            CAPTURE(columns, rows);
            REQUIRE(static_cast<int>(lines.size()) < std::max(rows, 1));
            for (const std::string& line : lines) {
              CAPTURE(line);
              REQUIRE(text_width(without_escapes(line)) < columns);
              REQUIRE(line.find('\n') == std::string::npos);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("80 columns show every node with its rate, bar and queue", "[apps][panel]") {
  const auto lines = panel_lines(training(), {80, 24}, {});
  REQUIRE(lines.size() == 22);
  CHECK(lines[0] == "train epoch 3 of 90  1280/5000 images  5 s left, 1 h 01 min for all");
  CHECK(lines[1].starts_with("###################."));
  CHECK(lines[1].ends_with(".  26 %"));
  CHECK(lines[2] == "loss 4.1234  812.3 images/s  learning rate 0.01");
  CHECK(lines[3] == "node        per second  busy" + std::string(43, ' ') + "  queued");
  CHECK(lines[7] ==
        "decode           812.3  " + std::string(34, '#') + std::string(7, '.') + "  83 %     0.0");
  CHECK(lines[18].starts_with("backward         812.3  ######################################"));
  CHECK(lines[18].ends_with("97 %     1.5"));
  CHECK(lines[21] == "the cores limit: 2 threads compute for 97 % of the time");
}

TEST_CASE("a terminal that is wide enough may be made narrower, to 80 columns, without folding",
          "[apps][panel]") {
  CHECK(panel_lines(training(), {200, 50}, {}) == panel_lines(training(), {80, 50}, {}));
}

TEST_CASE("what limits takes two lines at most, and the nodes the rest", "[apps][panel]") {
  Panel panel = training();
  panel.limit =
      "other processes limit: for 84 % of their time threads could compute and others "
      "have the cores, and more words than anybody would ever read of it in one go";
  const auto lines = panel_lines(panel, {80, 24}, {});
  REQUIRE(lines.size() == 23);
  CHECK(lines[21] == "other processes limit: for 84 % of their time threads could compute and");
  CHECK(lines[22].starts_with("others have the cores, and"));
  CHECK(lines[22].ends_with("~"));
}

TEST_CASE("where rows are few the busiest nodes stay, in pipeline order", "[apps][panel]") {
  const std::string text = all_of(panel_lines(training(), {80, 10}, {}));
  const std::size_t decode = text.find("decode"), backward = text.find("backward");
  CHECK(decode != std::string::npos);
  CHECK(backward != std::string::npos);
  CHECK(decode < backward);
  CHECK(text.find("collate") == std::string::npos);
  CHECK(text.find("and 14 that do less") != std::string::npos);
}

TEST_CASE("colours are escape sequences around what stands there without them", "[apps][panel]") {
  const auto plain = panel_lines(training(), {80, 24}, {Style::Colour::none});
  const auto coloured = panel_lines(training(), {80, 24}, {Style::Colour::ansi});
  REQUIRE(plain.size() == coloured.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CHECK(without_escapes(coloured[i]) == plain[i]);
    CHECK(plain[i].find('\033') == std::string::npos);
  }
  CHECK(all_of(coloured).find("\033[31m") != std::string::npos);
}

TEST_CASE("widths are those of a terminal", "[apps][panel]") {
  CHECK(text_width("decode") == 6);
  CHECK(text_width("\u753b\u50cf") == 4);
  CHECK(text_width("e\u0301") == 1);
  CHECK(text_width("\xff") == 1);
  CHECK(cut_to("decode", 6) == "decode");
  CHECK(cut_to("decode", 4) == "dec~");
  CHECK(cut_to("\u753b\u50cf", 3) == "\u753b~");
  CHECK(cut_to("x", 0).empty());
  CHECK(fitted("ab", 4) == "ab  ");
  CHECK(fitted("\u753b\u50cf", 6, Side::right) == "  \u753b\u50cf");
  CHECK(text_width(fitted("\u753b\u50cf", 4)) == 4);
}

TEST_CASE("durations are words", "[apps][panel]") {
  CHECK(duration_text(0.4) == "0 s");
  CHECK(duration_text(200.0) == "3 min 20 s");
  CHECK(duration_text(18'420.0) == "5 h 07 min");
  CHECK(duration_text(4 * 86'400.0) == "4 d 0 h");
  CHECK(duration_text(-1.0) == "long");
  CHECK(duration_text(1e300) == "long");
}

AccountRecord account_at(double seconds) {
  const auto images = static_cast<std::int64_t>(100 * seconds);
  AccountRecord account;
  account.wall_seconds = seconds;
  account.threads = 2;
  account.nodes = {{.name = "decode",
                    .place = "cpu",
                    .unit = "image",
                    .items_in = images,
                    .items_out = images,
                    .run_seconds = seconds,
                    .busy_seconds = 0.5 * seconds,
                    .queued_seconds = 3.0 * seconds},
                   {.name = "validation/decode", .place = "cpu", .unit = "image"}};
  return account;
}

TEST_CASE("what is shown are rates of the last seconds and the time that is left",
          "[apps][panel]") {
  PanelFeed feed;
  feed.expect({.epochs = 3});
  for (int i = 0; i <= 40; ++i) {
    const double seconds = 0.25 * i;
    feed.add(account_at(seconds), seconds);
    feed.add(nodes::Progress{.phase = "train",
                             .epoch = 0,
                             .images = 100 * i / 4,
                             .images_all = 2000,
                             .loss = 2.5,
                             .learning_rate = 0.1},
             seconds);
  }
  const Panel panel = feed.panel(10.0);
  REQUIRE(panel.nodes.size() == 1);  // the other pipeline is idle
  CHECK(panel.nodes[0].items_per_second == Approx(100.0).epsilon(0.02));
  CHECK(panel.nodes[0].load == Approx(0.25));
  CHECK(panel.nodes[0].queued == Approx(3.0));
  CHECK(panel.images_per_second == Approx(100.0));
  CHECK(panel.epoch == 1);
  CHECK(panel.seconds_left.value() == Approx(10.0));
  CHECK(panel.run_seconds_left.value() == Approx(50.0));
  CHECK(panel.learning_rate.value() == 0.1);
}

TEST_CASE("a run that ends at a time has that time left", "[apps][panel]") {
  PanelFeed feed;
  feed.expect({.seconds = 30.0});
  feed.add(nodes::Progress{.phase = "profile", .images = 10}, 1.0);
  feed.add(nodes::Progress{.phase = "profile", .images = 400}, 11.0);
  const Panel panel = feed.panel(11.0);
  CHECK(panel.seconds_left.value() == Approx(20.0));
  CHECK_FALSE(panel.run_seconds_left);
  CHECK_FALSE(panel.loss);
  CHECK(panel.epoch == 0);
}

}  // namespace
}  // namespace sluice::apps
