// The page of a run, from what the run knows.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.h"
#include "io/recipe.h"
#include "io/report/page.h"
#include "nodes/run/accuracy.h"
#include "nodes/run/listener.h"
#include "runtime/net/net_state.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

// Everything that a recipe and the machine say; the caller adds what the run gave.
io::ReportPage page_of(const io::Recipe& recipe, std::string verb);

// `classes`: names of the net's, as far as they are known. Empty for more classes than Accuracy
// counts confusions of, and without images.
io::Confusion confusion_of(const Accuracy& accuracy, const std::vector<std::string>& classes);

// Pictures for a page (sample_pictures.h). A run does not fail for want of them: what went wrong is
// told.
std::vector<io::Sample> samples_of(const io::Dataset& data, const io::Recipe& recipe,
                                   const Statistics& statistics, const Listener& listener);

// The first layer's kernels (filter_picture.h), told likewise where they cannot be had. Not beside
// a program that runs on the state.
std::vector<io::Picture> filters_of_run(const Net& net, const NetState& state,
                                        const Listener& listener);

// In words for a page: what ended a run, of the exception that is being handled.
std::string current_failure();

// Throws Error{usage} where `file`, the value of `option`, cannot be written: its folder is not
// there, or it is a folder itself. Before a run that will write it.
void check_page_file(std::string_view option, const std::filesystem::path& file);

}  // namespace sluice::nodes
