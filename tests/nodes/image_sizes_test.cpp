#include "nodes/run/image_sizes.h"

#include <string>

#include "nodes/run/setup.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::nodes;
using namespace std::string_literals;

namespace {

// A grey JPEG of 9 x 5 up to its first scan, with so many comments of 64 KiB in front of its size.
std::string jpeg_behind(std::size_t comments) {
  const std::string comment = "\xFF\xFE\xFF\xFF"s + std::string(0xFFFD, 'x');
  std::string file = "\xFF\xD8"s;
  for (std::size_t i = 0; i < comments; ++i) file += comment;
  file += "\xFF\xC0\x00\x0B\x08\x00\x05\x00\x09\x01\x01\x11\x00"s;
  return file + "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00"s;
}

}  // namespace

TEST_CASE("an image's size is looked for in its first 16 MB and no further", "[nodes][sizes]") {
  const io::test::TempFolder folder;
  io::Dataset data;
  data.root = folder.path();
  for (const std::size_t comments : {0U, 3U, 200U, 260U}) {
    const std::string content = jpeg_behind(comments), name = std::to_string(comments) + ".jpg";
    folder.add(name, content);
    data.entries.push_back({.path = name, .bytes = content.size()});
  }
  const auto huge = folder.add("huge.jpg", "no image");
  std::filesystem::resize_file(huge, std::uintmax_t{20} << 30);  // a hole: it takes no room
  data.entries.push_back({.path = "huge.jpg", .bytes = std::uint64_t{20} << 30});
  const auto sizes = image_sizes(data, default_recipe("alexnet", "owt"));
  REQUIRE(sizes.size() == 5);
  for (std::size_t i = 0; i < 3; ++i) CHECK(sizes[i] == Extent{9, 5});
  CHECK_FALSE(sizes[3]);
  CHECK_FALSE(sizes[4]);
}
