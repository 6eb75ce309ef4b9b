// Images a second of a run, and how far that may be off.
#pragma once

#include <vector>

#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::graph {

// All images over all the time. The error is from the means of 5 to 20 windows of the timeline,
// each of two `batch`es or more, by Student's t, wider where neighbouring windows are alike; 0
// where there are fewer than 5. The timeline may hold other pipelines, too: time that was only
// theirs is left out.
Rate measured_rate(const AccountRecord& account, const Timeline& timeline, int batch = 1);

// Of the mean of independent or neighbouring-alike values: half of the 95 % interval.
double error_of_mean(const std::vector<double>& values);

}  // namespace sluice::graph
