#include "apps/common/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "io/text.h"

namespace sluice::apps {
namespace {

constexpr auto kTerminalPause = std::chrono::milliseconds(250);
constexpr auto kPlainPause = std::chrono::seconds(15);

std::string words(const nodes::Progress& now) {
  std::string text = now.phase;
  if (now.phase == "train" || now.phase == "validate")
    text += fmt::format(" epoch {}", now.epoch + 1);
  text += now.images_all > 0 ? fmt::format(" {}/{} images", now.images, now.images_all)
                             : fmt::format(" {} images", now.images);
  if (now.phase == "train") text += fmt::format(", loss {:.4f}", now.loss);
  if (now.images_per_second > 0) text += fmt::format(", {:.1f} images/s", now.images_per_second);
  return text;
}

}  // namespace

Console::Console(Verbosity verbosity) : verbosity_(verbosity), terminal_(can_draw(STDERR_FILENO)) {}

nodes::Listener Console::listener() {
  const auto say_line = [this](const std::string& line) { say(line); };
  if (verbosity_ == Verbosity::quiet) return {.say = {}, .warning = say_line, .progress = {}};
  nodes::Listener listener{.say = say_line,
                           .warning = say_line,
                           .progress = [this](const nodes::Progress& now) { show(now); }};
  if (terminal_) listener.look = [this](const AccountRecord& now, const Timeline&) { look(now); };
  return listener;
}

void Console::close() {
  const std::lock_guard lock(mutex_);
  area_.erase();
}

void Console::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  area_.print_above(io::without_controls(line));
}

void Console::show(const nodes::Progress& now) {
  const std::lock_guard lock(mutex_);
  if (!terminal_) return show_line(now);
  feed_.add(now, seconds());
  if (Clock::now() - last_shown_ >= kTerminalPause) draw();
}

void Console::look(const AccountRecord& account) {
  const std::lock_guard lock(mutex_);
  feed_.add(account, seconds());
  if (Clock::now() - last_shown_ >= kTerminalPause) draw();
}

// Where nothing can be drawn over.
void Console::show_line(const nodes::Progress& now) {
  const bool ended = now.images_all > 0 && now.images >= now.images_all;
  if (ended || Clock::now() - last_shown_ < kPlainPause) return;
  last_shown_ = Clock::now();
  fmt::print(stderr, "{}\n", words(now));
}

void Console::draw() {
  last_shown_ = Clock::now();
  area_.draw(panel_lines(feed_.panel(seconds()), TerminalArea::size(), style_));
}

}  // namespace sluice::apps
