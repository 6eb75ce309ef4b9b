#include "apps/common/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "io/text.h"

namespace sluice::apps {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTerminalPause = std::chrono::milliseconds(200);
constexpr auto kPlainPause = std::chrono::seconds(15);

std::string bar(double share) {
  constexpr int kWidth = 24;
  const int full = static_cast<int>(share * kWidth);
  std::string text(static_cast<std::size_t>(kWidth), '.');
  for (int i = 0; i < full && i < kWidth; ++i) text[static_cast<std::size_t>(i)] = '#';
  return text;
}

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

Console::Console(Verbosity verbosity)
    : verbosity_(verbosity), terminal_(isatty(STDERR_FILENO) != 0) {}

nodes::Listener Console::listener() {
  const auto say_line = [this](const std::string& line) { say(line); };
  if (verbosity_ == Verbosity::quiet) return {.say = {}, .warning = say_line, .progress = {}};
  return {.say = say_line, .warning = say_line, .progress = [this](const nodes::Progress& now) {
            show(now);
          }};
}

void Console::clear_line() {
  if (line_open_) fmt::print(stderr, "\r\033[K");  // stderr is not buffered
  line_open_ = false;
}

void Console::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear_line();
  fmt::print(stderr, "{}\n", io::without_controls(line));
}

void Console::show(const nodes::Progress& now) {
  const std::lock_guard lock(mutex_);
  const bool ended = now.images_all > 0 && now.images >= now.images_all;
  if (ended) {
    clear_line();
    return;
  }
  const auto time = Clock::now();
  if (time - last_shown_ <
      (terminal_ ? Clock::duration(kTerminalPause) : Clock::duration(kPlainPause))) {
    return;
  }
  last_shown_ = time;
  if (!terminal_) {
    fmt::print(stderr, "{}\n", words(now));
    return;
  }
  const double share = now.images_all > 0
                           ? static_cast<double>(now.images) / static_cast<double>(now.images_all)
                           : 0.0;
  fmt::print(stderr, "\r\033[K[{}] {}", bar(share), words(now));
  std::fflush(stderr);
  line_open_ = true;
}

}  // namespace sluice::apps
