// What every net program does: parse, wire, run, print.
#pragma once

#include <string>

namespace sluice::apps {

// The whole program for the architecture `net`; gives the exit status.
int net_program(const std::string& net, int argc, const char* const* argv);

}  // namespace sluice::apps
