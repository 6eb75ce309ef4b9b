// Private to io/report: text as HTML, figures as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::io::report {

// Any bytes as text of an element or of a quoted attribute: what is not UTF-8 is percent-encoded,
// control characters are spelled out, < > & " ' become references.
std::string escaped(std::string_view text);
// The same for text of many lines: newlines and tabs stay.
std::string escaped_lines(std::string_view text);

// JSON that may stand in a script element: no '<' is left in it.
std::string json_in_script(std::string_view json);

// "1 281 167", in groups of three by narrow spaces that do not break.
std::string grouped(std::int64_t value);
// About three digits, grouped: "0.0123", "4.56", "12.3", "4 567". Of no number: "-".
std::string figure(double value);
// The same without zeros at its end, as axes have it: "4.5", "12", "4 567".
std::string short_figure(double value);
// "12 %", below 10 with a digit behind the point.
std::string percent(double value);
// "820 ms", "12.3 s", "4 min 5 s", "2 h 10 min".
std::string duration(double seconds);
// "512 B", "1.4 MB": powers of 1000.
std::string byte_count(double bytes);
// With so many digits behind the point, ungrouped: cells of tables.
std::string fixed(double value, int digits);

// A section of the page; the body is HTML, the heading is text.
struct Section {
  std::string_view id;
  std::string_view heading;
  std::string_view lead;  // one sentence below the heading; text, may be empty
};
// Nothing when the body is empty.
std::string section(const Section& about, std::string_view body);

}  // namespace sluice::io::report
