// Private to io/report: an HTML document that needs nothing else.
#pragma once

#include <string>
#include <string_view>

namespace sluice::io::report {

// Head, style and body. Nothing is fetched and nothing runs, whatever a name in it says. `title` is
// text; `body` is HTML, all that stands between the body's tags.
std::string document(std::string_view title, std::string_view body);

}  // namespace sluice::io::report
