#include "apps/common/refuse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "runtime/error.h"

namespace sluice::apps {
namespace {

std::string valid_words(const CLI::App& app) {
  std::string valid;
  const auto verbs = app.get_subcommands();
  if (verbs.empty()) {
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
      valid += fmt::format("{}{}", valid.empty() ? "" : ", ", verb->get_name());
    }
    return valid;
  }
  for (const CLI::Option* option : verbs.front()->get_options()) {
    if (option->get_lnames().empty()) continue;
    valid += fmt::format("{}--{}", valid.empty() ? "" : " ", option->get_lnames().front());
  }
  return valid;
}

}  // namespace

void refuse(const CLI::App& app, const std::string& problem) {
  const std::vector<std::string> unknown = app.remaining(true);
  const std::string what =
      unknown.empty() ? problem : fmt::format("unknown: {}", fmt::join(unknown, " "));
  fail(ErrorKind::usage, "{}; valid: {}", what, valid_words(app));
}

}  // namespace sluice::apps
