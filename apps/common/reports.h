// Results as text for people or one JSON document for programs.
#pragma once

#include <string>

#include "nodes/run/evaluate.h"
#include "nodes/run/profile.h"
#include "nodes/run/train.h"
#include "runtime/net/net.h"
#include "runtime/statistics.h"

namespace sluice::apps {

enum class Form { text, json };

std::string report(const nodes::TrainResult& result, Form form);
std::string report(const nodes::EvaluateResult& result, Form form);
std::string report(const nodes::ProfileResult& result, Form form);
std::string report(const Net& net, Form form);

}  // namespace sluice::apps
