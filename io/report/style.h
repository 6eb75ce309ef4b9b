// Private to io/report: the page's style sheet.
#pragma once

#include <string>

namespace sluice::io::report {

std::string style();

}  // namespace sluice::io::report
