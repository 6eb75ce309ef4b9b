// A page of pictures holds all of them and nothing that a name could smuggle in.
#include "io/report/pictures_page.h"

#include <algorithm>
#include <string>

#include "io/report/base64.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using Catch::Matchers::Contains;

constexpr const char* kHostile = "</title><script>alert(1)</script>\"'<img src=http://x>\xE9";

Picture picture(std::string name, char byte) {
  return {.name = std::move(name),
          .words = {"black 0", kHostile},
          .shown = {320, 64},
          .png = std::vector<std::byte>(5, static_cast<std::byte>(byte))};
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a page of pictures shows the filters and every picture of every image", "[io][report]") {
  const PicturesPage page{
      .title = "alexnet owt",
      .lead = {"one sentence"},
      .filters = {picture("conv1", 'f')},
      .images = {{.path = "cat.jpg",
                  .words = {"The net says cat (90.0 %)."},
                  .pictures = {picture("saliency", 's'), picture("occlusion", 'o')}},
                 {.path = "dog.jpg", .words = {}, .pictures = {picture("saliency", 't')}}}};
  const std::string html = pictures_page(page);
  CHECK(times(html, "<img width=\"320\" height=\"64\"") == 4);
  for (const char byte : {'f', 's', 'o', 't'})
    CHECK_THAT(html, Contains("base64," + report::base64(picture("", byte).png)));
  CHECK_THAT(html, Contains("cat.jpg: saliency") && Contains("The net says cat (90.0 %).") &&
                       Contains("First layer&#39;s filters") && Contains("one sentence"));
}

TEST_CASE("no name gets out of its place on a page of pictures", "[io][report]") {
  const std::string html = pictures_page(
      {.title = kHostile,
       .lead = {kHostile},
       .filters = {picture(kHostile, 'f')},
       .images = {{.path = kHostile, .words = {kHostile}, .pictures = {picture(kHostile, 's')}}}});
  CHECK(html.find("<script") == html.npos);
  CHECK(html.find("<img src") == html.npos);
  CHECK(html.find('\xE9') == html.npos);
  CHECK(html.find("http-equiv=\"Content-Security-Policy\"") != html.npos);
}

TEST_CASE("a page without images has the filters alone", "[io][report]") {
  const std::string html =
      pictures_page({.title = "t", .lead = {}, .filters = {picture("conv1", 'f')}, .images = {}});
  CHECK(times(html, "<section") == 1);
  CHECK(times(pictures_page({.title = "t", .lead = {}, .filters = {}, .images = {}}), "<section") ==
        0);
}

}  // namespace sluice::io
