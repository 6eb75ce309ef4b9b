// A difference as one JSON document (apps/schemas/diff.schema.json).
#pragma once

#include <string>

#include "graph/account/difference.h"

namespace sluice::apps {

std::string json(const graph::Difference& difference);

}  // namespace sluice::apps
