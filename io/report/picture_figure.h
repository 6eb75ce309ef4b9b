// Private to io/report: pictures in their own size, where the page has room for it.
#pragma once

#include <string>

#include "io/report/picture.h"

namespace sluice::io::report {

// `alt`: what it shows, for who cannot see it; text.
std::string picture_figure(const Picture& picture, const std::string& alt);

}  // namespace sluice::io::report
