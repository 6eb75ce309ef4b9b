// Private to io/report: the parts of the page. Each is a pure function of records; empty where
// there is nothing to show.
#pragma once

#include <string>
#include <vector>

#include "io/report/page.h"

namespace sluice::io::report {

// The nodes of one pipeline; `prefix` ("validation/", empty for the first) is left out of names.
struct NodeGroup {
  std::string prefix;
  std::vector<NodeRecord> nodes;
};
std::vector<NodeGroup> node_groups(const AccountRecord& account);

// The part of a name behind its pipeline's prefix.
std::string_view name_in_pipeline(std::string_view name);

// Which series colour a node has on the whole page: the heaviest the first, by the CPU of all nodes
// of its name without prefixes; the lightest share the last one.
inline constexpr int kLightNodes = 12;
int colour_of(const AccountRecord& account, std::string_view name);

// Whether the verdict names something that limits the run.
bool names_a_limit(const Verdict& verdict);

std::string headline(const ReportPage& page);                       // headline.cpp
std::string graph_section(const AccountRecord& account);            // graph_drawing.cpp
std::string node_section(const AccountRecord& account);             // node_table.cpp
std::string time_section(const ReportPage& page);                   // over_time.cpp
std::string learning_section(const ReportPage& page);               // learning_curves.cpp
std::string layer_section(const AccountRecord& account);            // layer_table.cpp
std::string filter_section(const std::vector<Picture>& filters);    // filters.cpp
std::string sample_section(const std::vector<Sample>& samples);     // sample_table.cpp
std::string confusion_section(const ReportPage& page);              // confusion_map.cpp
std::string mistake_section(const std::vector<Mistake>& mistakes);  // mistakes.cpp
std::string recipe_section(const ReportPage& page);                 // origin.cpp
std::string machine_section(const ReportPage& page);                // origin.cpp

std::string page_json(const ReportPage& page);  // page_json.cpp

}  // namespace sluice::io::report
