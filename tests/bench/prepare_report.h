// What the rounds of bench_prepare come to, as text.
#pragma once

#include <string>
#include <vector>

namespace sluice::bench {

// One measured way to do the work, by rounds.
struct Way {
  std::string name;
  std::vector<double> rates;   // images a second
  std::vector<double> cpu_us;  // CPU time of the process, an image
};

struct NodeTime {
  std::string name;
  std::vector<double> us_per_image;  // in each round
};

// "NAME  MEDIAN (MIN..MAX)", and CPU time behind it.
std::string rate_line(const Way& way);
std::string node_line(const NodeTime& node);
// How fast `of` is where `to` is 1: the median of the rounds' own ratios, by the clock and by CPU
// time (which other work on the machine disturbs less).
std::string ratio_line(const Way& of, const Way& to);

}  // namespace sluice::bench
