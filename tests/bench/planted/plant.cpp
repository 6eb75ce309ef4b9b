#include "tests/bench/planted/plant.h"

#include <charconv>
#include <chrono>
#include <thread>
#include <vector>

#include "runtime/error.h"
#include "tests/bench/cpu_time.h"

namespace sluice::bench {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t colon = text.find(':');
    words.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return words;
    text.remove_prefix(colon + 1);
  }
}

// The number before `unit`; negative where there is none.
double amount(std::string_view word, std::string_view unit) {
  double value = -1.0;
  if (!word.ends_with(unit)) return value;
  word.remove_suffix(unit.size());
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? value : -1.0;
}

bool take_amount(Plant& plant, std::string_view word) {
  const double part = word.starts_with('+') ? amount(word.substr(1), "%") : -1.0;
  const double milliseconds = amount(word, "ms");
  if (part >= 0.0) plant.part = part / 100;
  if (milliseconds >= 0.0) plant.seconds = milliseconds / 1000;
  return part >= 0.0 || milliseconds >= 0.0;
}

bool take_manner(Plant& plant, std::string_view word) {
  constexpr std::string_view kOneIn = "one-in-";
  if (word == "busy" || word == "waiting") {
    plant.waits = word == "waiting";
    return true;
  }
  if (!word.starts_with(kOneIn)) return false;
  word.remove_prefix(kOneIn.size());
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), plant.one_in);
  return error == std::errc{} && end == word.data() + word.size() && plant.one_in >= 1;
}

// Which items: like a draw, not like a rhythm.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15U;
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31U);
}

}  // namespace

Plant parse_plant(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  Plant plant{.node = std::string(words.front())};
  bool good = words.size() >= 2 && !plant.node.empty() && take_amount(plant, words[1]);
  for (std::size_t i = 2; good && i < words.size(); ++i) good = take_manner(plant, words[i]);
  require(good,
          "--plant '{}'; valid: NODE:+PERCENT% or NODE:MILLISECONDSms, then :busy or :waiting, "
          "then :one-in-N",
          text);
  return plant;
}

// By the thread's CPU clock: who takes the core away meanwhile makes the plant no smaller.
void Spender::spend(double own_seconds) {
  if (mixed(items_++) % plant_.one_in != 0) return;
  const double seconds = plant_.seconds + plant_.part * own_seconds;
  if (plant_.waits) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return;
  }
  const double end = thread_cpu_seconds() + seconds;
  while (thread_cpu_seconds() < end) {
  }
}

}  // namespace sluice::bench
