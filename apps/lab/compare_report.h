// What a comparison found, as tables and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/lab/study.h"
#include "io/report/tables_page.h"
#include "nodes/run/compare.h"

namespace sluice::apps {

// What was asked for.
struct Told {
  std::optional<Study> studied{};
  int epochs = 0;
  int seeds = 0;  // 0: nothing was trained
};

io::TablesPage comparison(const nodes::Comparison& compared, const Told& told);
std::string comparison_json(const nodes::Comparison& compared, const Told& told);

}  // namespace sluice::apps
