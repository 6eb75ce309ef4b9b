// Results as text for people or one JSON document for programs.
#pragma once

#include <string>

#include "nodes/run/describe.h"
#include "nodes/run/evaluate.h"
#include "nodes/run/profile.h"
#include "nodes/run/train.h"
#include "runtime/statistics.h"

namespace sluice::apps {

enum class Form { text, json };

std::string report(const nodes::TrainResult& result, Form form);
std::string report(const nodes::EvaluateResult& result, Form form);
// Of images whose labels are not known.
std::string prediction_report(const nodes::EvaluateResult& result, Form form);
std::string report(const nodes::ProfileResult& result, Form form);
std::string report(const nodes::Description& description, Form form);  // describe_report.cpp

}  // namespace sluice::apps
