// Loss, learning rate and accuracy.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/report/chart.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

constexpr std::size_t kMostDots = 200;  // more are no longer marks that one can point at
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

template <class Value>
std::vector<double> column(const StepCurve& steps, const Value& value) {
  std::vector<double> all;
  for (const StepPoint& point : steps.points) all.push_back(value(point));
  return all;
}

// An exponential mean over about a thirtieth of the curve, not drawn towards 0 at its begin.
std::vector<double> smoothed(const std::vector<double>& raw) {
  const double keep = std::exp(-1.0 / std::max(static_cast<double>(raw.size()) / 60.0, 1.0));
  std::vector<double> smooth;
  double sum = 0.0;
  double weight = 0.0;
  for (const double value : raw) {
    if (std::isfinite(value)) {
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    smooth.push_back(weight > 0.0 ? sum / weight : kNone);
  }
  return smooth;
}

double last_of(const std::vector<double>& values) {
  const auto at =
      std::find_if(values.rbegin(), values.rend(), [](double v) { return std::isfinite(v); });
  return at == values.rend() ? kNone : *at;
}

std::string loss_chart(const StepCurve& steps) {
  std::vector<double> raw =
      column(steps, [](const StepPoint& p) { return p.loss.value_or(kNone); });
  const auto edge = [&](double StepPoint::*value) {
    return column(steps, [&](const StepPoint& p) { return p.loss ? p.*value : kNone; });
  };
  std::vector<double> smooth = smoothed(raw);
  Chart chart{.label = "Training loss over steps",
              .x = column(steps, [](const StepPoint& p) { return static_cast<double>(p.step); }),
              .series = {},
              .x_unit = Unit::whole,
              .height = 240};
  const bool many = steps.steps_per_point > 1;
  if (many) {
    chart.series.push_back(
        {.name = fmt::format("{} steps, least to largest", grouped(steps.steps_per_point)),
         .colour = 1,
         .draw = Draw::band,
         .y = edge(&StepPoint::loss_max),
         .low = edge(&StepPoint::loss_min)});
  }
  const std::string end = fmt::format("{} at the end", figure(last_of(smooth)));
  chart.series.push_back(
      {.name = many ? "" : "one step", .colour = 1, .draw = Draw::faint, .y = std::move(raw)});
  chart.series.push_back({.name = "smoothed", .note = end, .colour = 0, .y = std::move(smooth)});
  return "<h3>Loss <small>by step</small></h3>\n" + report::chart(chart);
}

// Logarithmic where it spans more than a power of ten.
std::string rate_chart(const StepCurve& steps) {
  std::vector<double> rates = column(steps, [](const StepPoint& p) { return p.learning_rate; });
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  const bool wide = *low > 0.0 && *high >= 10.0 * *low;
  return "<h3>Learning rate</h3>\n" +
         chart({.label = "Learning rate over steps",
                .x = column(steps, [](const StepPoint& p) { return static_cast<double>(p.step); }),
                .series = {{.name = "", .note = "", .colour = 10, .y = rates}},
                .x_unit = Unit::whole,
                .scale = wide ? Scale::logarithmic : Scale::linear,
                .height = 130});
}

std::string step_charts(const StepCurve& steps) {
  return steps.points.size() < 2 ? std::string() : loss_chart(steps) + rate_chart(steps);
}

Series accuracy(const std::vector<EpochRow>& epochs, std::string_view name,
                std::optional<double> EpochRow::*value, int colour) {
  Series series{.name = std::string(name),
                .colour = colour,
                .draw = epochs.size() > kMostDots ? Draw::line : Draw::dots,
                .y = {}};
  for (const EpochRow& row : epochs) series.y.push_back(row.*value ? 100 * *(row.*value) : kNone);
  return series;
}

std::string accuracy_chart(const std::vector<EpochRow>& epochs) {
  const bool any = std::any_of(epochs.begin(), epochs.end(),
                               [](const EpochRow& row) { return row.val_top1.has_value(); });
  if (!any || epochs.size() < 2) return {};
  Chart chart{.label = "Validation accuracy over epochs",
              .x = {},
              .series = {accuracy(epochs, "top-5", &EpochRow::val_top5, 3),
                         accuracy(epochs, "mean per class", &EpochRow::val_per_class, 6),
                         accuracy(epochs, "top-1", &EpochRow::val_top1, 0)},
              .x_unit = Unit::whole,
              .y_unit = Unit::percent,
              .height = 200};
  for (const EpochRow& row : epochs) chart.x.push_back(static_cast<double>(row.epoch));
  return "<h3>Validation accuracy <small>by epoch</small></h3>\n" + report::chart(chart);
}

std::string share_cell(std::string_view key, const std::optional<double>& share) {
  return fmt::format("<td data-key=\"{}\">{}</td>", key, share ? fixed(100 * *share, 2) : "-");
}

std::string epoch_table(const std::vector<EpochRow>& epochs) {
  if (epochs.empty()) return {};
  std::string rows;
  for (const EpochRow& row : epochs) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td data-key=\"train_loss\">{}</td>{}{}{}"
        "<td data-key=\"seconds\">{}</td></tr>\n",
        row.epoch, fixed(row.train_loss, 4), share_cell("val_top1", row.val_top1),
        share_cell("val_top5", row.val_top5), share_cell("val_per_class", row.val_per_class),
        fixed(row.seconds, 1));
  }
  return fmt::format(
      "<details{}><summary>{} epoch{}</summary>\n<div class=\"scroll\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Epochs\"><table id=\"epochs\"><thead><tr>"
      "<th scope=\"col\">epoch</th><th scope=\"col\">loss</th><th scope=\"col\">top-1 %</th>"
      "<th scope=\"col\">top-5 %</th><th scope=\"col\">per class %</th>"
      "<th "
      "scope=\"col\">seconds</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n</details>\n",
      epochs.size() < 12 ? " open" : "", epochs.size(), epochs.size() == 1 ? "" : "s", rows);
}

}  // namespace

std::string learning_section(const ReportPage& page) {
  return section({.id = "learning", .heading = "Learning", .lead = ""},
                 step_charts(page.steps) + accuracy_chart(page.epochs) + epoch_table(page.epochs));
}

}  // namespace sluice::io::report
