// Private to io/report: round numbers for an axis.
#pragma once

#include <vector>

namespace sluice::io::report {

// What an axis covers. For a logarithmic one both are above 0.
struct Range {
  double low = 0.0;
  double high = 1.0;
};

// Round numbers inside the range: steps of 1, 2 or 5 times a power of ten, at most `most`.
std::vector<double> round_ticks(Range range, int most);
// Of seconds: also of 15 and 30 seconds or minutes, and of whole hours.
std::vector<double> time_ticks(Range range, int most);
// Powers of ten, and where there are fewer than three of them also 2 and 5 times.
std::vector<double> log_ticks(Range range);

// The range, its upper end moved up to a round number.
Range rounded_up(Range range);

}  // namespace sluice::io::report
