#include "nodes/run/report_pages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "io/text.h"
#include "nodes/run/filter_picture.h"
#include "nodes/run/machine.h"
#include "nodes/run/sample_pictures.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts)};
}

}  // namespace

io::ReportPage page_of(const io::Recipe& recipe, std::string verb) {
  return {.title = fmt::format("{} {}", recipe.text("net.name"), recipe.text("net.variant")),
          .verb = std::move(verb),
          .data = recipe.text("data.path"),
          .date = local_time(),
          .recipe = recipe.to_toml(),
          .machine = described_machine()};
}

io::Confusion confusion_of(const Accuracy& accuracy, const std::vector<std::string>& classes) {
  if (accuracy.confusions().empty() || accuracy.images() == 0) return {};
  io::Confusion confusion{.classes = classes, .counts = accuracy.confusions()};
  while (confusion.classes.size() < accuracy.classes())  // a net may have more than the data
    confusion.classes.push_back(fmt::format("{}", confusion.classes.size()));
  return confusion;
}

std::vector<io::Sample> samples_of(const io::Dataset& data, const io::Recipe& recipe,
                                   const Statistics& statistics, const Listener& listener) try {
  return sample_pictures(data, recipe, statistics);
} catch (const Error& error) {
  listener.tell(fmt::format("no sample pictures: {}", error.what()));
  return {};
} catch (const std::bad_alloc&) {
  listener.tell("no sample pictures: no memory for them");
  return {};
}

std::vector<io::Picture> filters_of_run(const Net& net, const NetState& state,
                                        const Listener& listener) try {
  return filters_on_page(net, state);
} catch (const Error& error) {
  listener.tell(fmt::format("no picture of the filters: {}", error.what()));
  return {};
} catch (const std::bad_alloc&) {
  listener.tell("no picture of the filters: no memory for it");
  return {};
}

std::string current_failure() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an unknown failure";
  }
}

void check_page_file(std::string_view option, const std::filesystem::path& file) {
  std::error_code none;
  const std::string name = io::one_line(file.string());
  require(!std::filesystem::is_directory(file, none), "{} {} is a folder; name a file in it",
          option, name);
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  require(std::filesystem::is_directory(folder, none) && ::access(folder.c_str(), W_OK) == 0,
          "{} {}: its folder is not there or cannot be written; make it, or name another", option,
          name);
}

}  // namespace sluice::nodes
