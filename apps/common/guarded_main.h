// The one catch of a program.
#pragma once

#include <functional>
#include <string_view>

namespace sluice::apps {

// Runs `work`, which gives the exit status, and turns what it throws into one line on stderr and
// the status: Error's kind; 1 for anything unforeseen.
int guarded_main(std::string_view program, const std::function<int()>& work);

}  // namespace sluice::apps
