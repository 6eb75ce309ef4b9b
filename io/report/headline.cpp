#include <fmt/format.h>

#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

// "balanced", "step", "cores": the short word of a verdict, and how it is coloured.
struct Mark {
  std::string word;
  std::string_view kind;  // class: "limit", "calm", "unknown"
};

Mark mark_of(const Verdict& verdict) {
  if (verdict.limiting_node.empty()) return {"too short to say", "unknown"};
  if (!names_a_limit(verdict)) return {"balanced", "calm"};
  const bool is_thing = verdict.resource != "slow images" &&
                        verdict.resource != "other processes" &&
                        verdict.resource != verdict.limiting_node;
  return {fmt::format("limit: {}{}", is_thing ? "the " : "", verdict.resource), "limit"};
}

std::string rate_text(const Rate& rate) {
  if (rate.images_per_second <= 0.0) return {};
  std::string html = fmt::format("<b>{}</b>", figure(rate.images_per_second));
  if (rate.error > 0.0) html += fmt::format(" <span>&#177; {}</span>", short_figure(rate.error));
  return html;
}

std::string fact(std::string_view name, const std::string& value) {
  return value.empty() ? value : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

std::string facts(const ReportPage& page) {
  const AccountRecord& account = page.account;
  const Verdict& verdict = account.verdict;
  std::string html = fact("images a second", rate_text(verdict.rate));
  if (!verdict.limiting_node.empty()) {
    html +=
        fact("headroom before the next limit",
             fmt::format("<b>{}</b>{}", percent(verdict.headroom_percent),
                         verdict.next_limit.empty()
                             ? std::string()
                             : fmt::format(" <span>then {}</span>", escaped(verdict.next_limit))));
  }
  html += fact("it ran", fmt::format("<b>{}</b>", duration(account.wall_seconds)));
  html += fact("threads", fmt::format("<b>{}</b>", account.threads));
  if (account.cpu_seconds_process > 0.0) {
    html +=
        fact("CPU not accounted for", fmt::format("<b>{} %</b>", fixed(account.gap_percent(), 2)));
  }
  for (const Accuracy& accuracy : page.accuracy)
    html += fact(accuracy.name, fmt::format("<b>{} %</b>", fixed(100 * accuracy.share, 2)));
  return fmt::format("<dl class=\"facts\">\n{}</dl>\n", html);
}

std::string remedy_item(const Remedy& remedy, const Rate& now) {
  std::string html = fmt::format("<li><h3>{}</h3>", escaped(remedy.text));
  if (remedy.rate.images_per_second > 0.0) {
    html += fmt::format("<p class=\"rate\">{} images/s", rate_text(remedy.rate));
    if (now.images_per_second > 0.0) {
      const double more = 100 * (remedy.rate.images_per_second / now.images_per_second - 1);
      html += fmt::format(" <em>{}{}</em>", more >= 0 ? "+" : "", percent(more));
    }
    html += "</p>";
  }
  if (!remedy.how.empty()) html += fmt::format("<p><code>{}</code></p>", escaped(remedy.how));
  return html + "</li>\n";
}

std::string remedies(const Verdict& verdict) {
  if (verdict.remedies.empty()) return {};
  std::string html;
  for (const Remedy& remedy : verdict.remedies) html += remedy_item(remedy, verdict.rate);
  return fmt::format(
      "<h2 class=\"small\">What would change it <small>predicted</small></h2>\n"
      "<ol class=\"remedies\">\n{}</ol>\n",
      html);
}

std::string prediction_row(const ThreadPrediction& prediction) {
  return fmt::format(
      "<tr><th scope=\"row\">{}{}</th><td>{}</td><td>&#177; {}</td><td class=\"text\">{}</td>"
      "</tr>\n",
      prediction.threads, prediction.needs_cores ? " *" : "",
      figure(prediction.rate.images_per_second), short_figure(prediction.rate.error),
      escaped(prediction.limit));
}

// Other numbers of threads, where they were asked for.
std::string predictions(const AccountRecord& account) {
  if (account.predictions.empty()) return {};
  std::string rows;
  bool more_cores = false;
  for (const ThreadPrediction& prediction : account.predictions) {
    rows += prediction_row(prediction);
    more_cores = more_cores || prediction.needs_cores;
  }
  const std::string_view note =
      more_cores ? "<p class=\"note\">* with as many cores, which this machine does not grant</p>\n"
                 : "";
  return fmt::format(
      "<h2 class=\"small\">With other numbers of threads <small>predicted</small></h2>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Predictions\">"
      "<table id=\"predictions\"><thead><tr><th scope=\"col\">threads</th>"
      "<th scope=\"col\" colspan=\"2\">images a second</th><th scope=\"col\" class=\"text\">"
      "limit then</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n{}",
      rows, note);
}

std::string origin(const ReportPage& page) {
  std::string text = page.verb;
  if (!page.data.empty()) text += fmt::format(" \u00b7 {}", page.data);
  if (!page.date.empty()) text += fmt::format(" \u00b7 {}", page.date);
  return text;
}

}  // namespace

bool names_a_limit(const Verdict& verdict) {
  return !verdict.limiting_node.empty() && verdict.resource != "balanced";
}

std::string headline(const ReportPage& page) {
  const Verdict& verdict = page.account.verdict;
  const Mark mark = mark_of(verdict);
  std::string html = fmt::format("<header>\n<p class=\"origin\">{}</p>\n<h1>{}</h1>\n",
                                 escaped(origin(page)), escaped(page.title));
  if (!page.ended.empty())
    html += fmt::format("<p class=\"ended\" role=\"status\">{}</p>\n", escaped(page.ended));
  if (!verdict.text.empty()) {
    html += fmt::format(
        "<p class=\"verdict {}\"><strong class=\"badge\">{}</strong> "
        "<span id=\"verdict-text\">{}</span></p>\n",
        mark.kind, escaped(mark.word), escaped(verdict.text));
  }
  return html + facts(page) + remedies(verdict) + predictions(page.account) + "</header>\n";
}

}  // namespace sluice::io::report
