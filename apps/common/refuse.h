// Mistakes on a command line, in one line with what would be valid.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sluice::apps {

// Throws Error{usage}: words that `app` does not know, or else `problem`, and the options of the
// verb that was given, or the verbs when none was. Call it after `app` failed to parse.
[[noreturn]] void refuse(const CLI::App& app, const std::string& problem);

}  // namespace sluice::apps
