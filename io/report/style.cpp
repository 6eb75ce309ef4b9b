#include "io/report/style.h"

#include <initializer_list>
#include <string_view>

namespace sluice::io::report {
namespace {

// Colours of text keep a contrast of 4.5 to 1 or more to what is below it, light and dark.
constexpr std::string_view kColours = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f8; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --edge: #d8dce1;
  --grid: #e6e9ec; --track: #e9ecef; --link: #0b5cad;
  --limit: #cf3a1e; --limit-text: #b32d13; --near: #d99413; --near-text: #855400; --calm: #5b84ab;
  --good: #1a7f4b; --good-text: #14683d; --rest: #a4abb3; --right: 26 127 75; --wrong: 207 58 30;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --ink: #e4e8ec; --soft: #9aa5b1; --edge: #2c333c;
    --grid: #262c34; --track: #262c34; --link: #79b8f5;
    --limit: #ee6a4d; --limit-text: #ff8e75; --near: #e0a838; --near-text: #ecc06a; --calm: #6f9bc6;
    --good: #3fb37a; --good-text: #63cf98; --rest: #6b747f; --right: 63 179 122; --wrong: 238 106 77;
  }
}
.s0 { --c: #4378a8; } .s1 { --c: #7fb0d6; } .s2 { --c: #3f9c95; } .s3 { --c: #8bc9a5; }
.s4 { --c: #6d9b3a; } .s5 { --c: #bcc653; } .s6 { --c: #d9a62e; } .s7 { --c: #e07f3c; }
.s8 { --c: #b5668f; } .s9 { --c: #dba3c0; } .s10 { --c: #8067b7; } .s11 { --c: #b3a3dd; }
.s12 { --c: #97765b; } .nobody { --c: var(--rest); }
)css";

constexpr std::string_view kText = R"css(
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; padding: 0 16px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
header, nav, main { max-width: 1160px; margin: 0 auto; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px; letter-spacing: -0.01em; }
header > h1:first-child { margin-top: 28px; }
h2 { font-size: 19px; margin: 0 0 4px; }
h2.small { font-size: 15px; margin: 20px 0 8px; }
h3 { font-size: 14px; margin: 22px 0 6px; }
small, .lead, .note, .origin { color: var(--soft); font-weight: normal; }
small { font-size: 13px; margin-left: 4px; }
.lead, .note { margin: 0 0 12px; font-size: 14px; }
.origin { margin: 28px 0 4px; font-size: 14px; }
a { color: var(--link); }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
code { background: var(--track); border-radius: 4px; padding: 1px 6px; }
pre { margin: 8px 0 0; white-space: pre; }
section {
  background: var(--card); border: 1px solid var(--edge); border-radius: 10px;
  padding: 18px 20px 20px; margin: 16px 0; scroll-margin-top: 48px;
}
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--link); font-size: 14px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav {
  position: sticky; top: 0; z-index: 1; background: var(--page); margin-top: 20px;
  border-bottom: 1px solid var(--edge);
}
nav ul { display: flex; gap: 4px 16px; list-style: none; margin: 0; padding: 8px 0; overflow-x: auto; }
nav a { text-decoration: none; font-size: 14px; white-space: nowrap; }
nav a:hover { text-decoration: underline; }
)css";

constexpr std::string_view kHeadline = R"css(
.ended {
  border-left: 4px solid var(--near); background: var(--card); padding: 8px 12px; margin: 0 0 12px;
}
.verdict { font-size: 17px; margin: 0 0 16px; }
.badge {
  display: inline-block; font-size: 13px; line-height: 1.5; padding: 1px 10px; margin-right: 6px;
  border-radius: 999px; border: 1px solid currentColor; vertical-align: 1px;
}
.verdict.limit .badge { color: var(--limit-text); }
.verdict.calm .badge { color: var(--good-text); }
.verdict.unknown .badge { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 12px 36px; margin: 0; }
.facts div { display: flex; flex-direction: column-reverse; }
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { margin: 0; }
.facts b { font-size: 24px; line-height: 1.25; font-weight: 600; }
.facts span, .remedies .rate span { color: var(--soft); font-size: 14px; }
.facts, table, .figures, .tick, .top { font-variant-numeric: tabular-nums; }
.remedies {
  list-style: none; margin: 0; padding: 0; display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr));
}
.remedies li {
  background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 12px 16px;
}
.remedies h3 { margin: 0 0 2px; font-size: 15px; }
.remedies p { margin: 2px 0 0; }
#predictions th:first-child { background: var(--page); }
.remedies em { font-style: normal; color: var(--good-text); margin-left: 6px; }
)css";

constexpr std::string_view kDrawings = R"css(
svg { display: block; }
svg text { fill: var(--ink); font-size: 14px; }
.limit { --h: var(--limit); } .near { --h: var(--near); } .calm { --h: var(--calm); }
.graph { margin-top: 8px; overflow: visible; width: calc(100% - 52px); }
.graph .rail { stroke: var(--edge); stroke-width: 3; }
.graph .dot { fill: var(--h); stroke: var(--card); stroke-width: 2; }
.graph .lane { fill: var(--soft); font-size: 13px; }
.graph .name { font-weight: 600; }
.graph .figures { fill: var(--soft); font-size: 13px; }
.graph .tag { font-weight: 400; font-size: 13px; }
.graph .tag.limit { fill: var(--limit-text); } .graph .tag.near { fill: var(--near-text); }
.graph .track { fill: var(--track); }
.fill { fill: var(--h); background: var(--h); }
.fill.standing { opacity: 0.45; }
.blocked { fill: var(--rest); background: var(--rest); }
.chart .grid { stroke: var(--grid); stroke-width: 1; }
.chart, .chart svg { overflow: visible; }
.tick {
  fill: var(--soft) !important; font-size: 12px !important; paint-order: stroke;
  stroke: var(--card); stroke-width: 3px; stroke-linejoin: round;
}
.area { fill: var(--c); }
.band { fill: var(--c); opacity: 0.2; }
.line, .faint, .mark { fill: none; stroke: var(--c); vector-effect: non-scaling-stroke; }
.line { stroke-width: 2px; stroke-linejoin: round; }
.faint { stroke-width: 1px; opacity: 0.7; }
.mark { stroke-width: 7px; stroke-linecap: round; }
.legend {
  list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0; padding: 0;
  color: var(--soft); font-size: 13px;
}
.legend i {
  display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px;
  vertical-align: -1px; background: var(--c, var(--h));
}
.legend i.blocked { background: var(--rest); }
.strips {
  display: grid; grid-template-columns: minmax(84px, max-content) minmax(0, 3fr) minmax(0, 2fr) max-content;
  gap: 5px 12px; align-items: center; font-size: 13px;
}
.strips > span { color: var(--soft); }
.strips > .name { color: var(--ink); }
.strips + .note { margin-top: 8px; }
.strips > .none { grid-column: span 2; }
.spark { width: 100%; height: 22px; background: var(--track); border-radius: 3px; }
)css";

constexpr std::string_view kTables = R"css(
.scroll { overflow-x: auto; max-width: 100%; overflow-wrap: normal; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: 4px 7px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
th:first-child {
  text-align: left; position: sticky; left: 0; background: var(--card); font-weight: 500;
}
th.text, td.text { text-align: left; }
table.words td, table.words th { text-align: left; vertical-align: top; }
table.words td:last-child { white-space: normal; min-width: 220px; }
nav.many { position: static; } nav.many ul { flex-wrap: wrap; }
tr.limit th:first-child { color: var(--limit-text); font-weight: 600; }
#pairs th:first-child, #pairs td.text { white-space: normal; min-width: 110px; }
.share { min-width: 160px; }
.share span { display: block; height: 12px; background: var(--calm); border-radius: 2px; }
.cpu-bar {
  display: flex; height: 22px; border-radius: 4px; overflow: hidden; background: var(--track);
  margin-bottom: 10px;
}
.cpu-bar span { background: var(--c); border-right: 1px solid var(--card); }
#cpu { margin-top: 12px; }
.sample h3 { margin-bottom: 8px; }
.stages { display: flex; gap: 12px; padding-bottom: 6px; align-items: flex-start; }
figure { margin: 0; flex: 0 0 auto; width: 148px; }
figure img {
  display: block; width: 100%; height: 132px; object-fit: contain; object-position: left bottom;
  image-rendering: auto; background: transparent;
}
figure img.small { image-rendering: pixelated; }
figcaption { font-size: 12px; line-height: 1.4; margin-top: 6px; }
figcaption b { font-weight: 600; font-size: 13px; }
figcaption span { color: var(--soft); display: block; }
figcaption b + span { display: inline; margin-left: 4px; }
.pictures { display: flex; flex-wrap: wrap; gap: 20px 16px; align-items: flex-start; }
.pictures figure { max-width: 100%; }
.pictures figcaption b + span { display: block; margin-left: 0; }
.pictures figure img { width: auto; max-width: 100%; height: auto; }
.mistakes { display: flex; flex-wrap: wrap; gap: 18px 12px; align-items: flex-start; }
.mistakes figcaption b + span { display: block; margin-left: 0; }
.beside { display: grid; gap: 8px 32px; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); }
.confusion { width: 100%; max-width: 560px; margin-bottom: 10px; }
.confusion .ground { fill: var(--page); }
.confusion rect, .confusion path { shape-rendering: crispEdges; }
.confusion .right { fill: rgb(var(--right) / var(--a)); } .confusion .wrong { fill: rgb(var(--wrong) / var(--a)); }
.shade1 { --a: 0.06; } .shade2 { --a: 0.16; } .shade3 { --a: 0.28; } .shade4 { --a: 0.41; }
.shade5 { --a: 0.55; } .shade6 { --a: 0.7; } .shade7 { --a: 0.85; } .shade8 { --a: 1; }
.entries { display: grid; gap: 8px 24px; grid-template-columns: repeat(auto-fill, minmax(min(210px, 100%), 1fr)); margin: 8px 0 0; }
.entries dt { color: var(--soft); font-size: 13px; }
.entries dd { margin: 0; }
@media (max-width: 560px) {
  body { padding: 0 10px 32px; }
  section { padding: 14px 12px 16px; }
  h1 { font-size: 23px; }
  .graph .figures { font-size: 12px; }
  .facts { gap: 10px 24px; }
  .facts b { font-size: 20px; }
  .strips { gap: 5px 8px; font-size: 12px; }
  figure { width: 124px; }
  figure img { height: 116px; }
}
@media print { nav { display: none; } section { break-inside: avoid; } }
)css";

}  // namespace

std::string style() {
  std::string sheet;
  for (const std::string_view part : {kColours, kText, kHeadline, kDrawings, kTables})
    sheet += part.substr(1);
  return sheet;
}

}  // namespace sluice::io::report
