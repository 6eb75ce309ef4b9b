// The reader over 363 odd, broken or hostile files: it agrees with djpeg about which are images.
#include <fstream>
#include <sstream>

#include "io/jpeg.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;

namespace {

struct Row {
  std::string file;
  std::int64_t pixels = 0;
  int djpeg = 0;  // exit status: 0 an image, 1 an error, 2 an image with warnings
};

std::vector<Row> manifest(const std::filesystem::path& folder) {
  std::ifstream table(folder / "MANIFEST.tsv");
  std::string line;
  std::getline(table, line);  // names of the columns
  std::vector<Row> rows;
  while (std::getline(table, line)) {
    std::istringstream text(line);
    std::vector<std::string> fields;
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
    const bool sized = fields.at(7) != "None" && fields.at(8) != "None";
    rows.push_back({fields[0], sized ? std::stoll(fields[7]) * std::stoll(fields[8]) : 0,
                    std::stoi(fields.at(11))});
  }
  return rows;
}

// Two of the truncated group are not: one is damaged in the middle, with restart markers behind the
// damage; one lacks its end marker only.
bool has_its_last_pixel(const std::string& file) {
  return file.find("7997b6b229f25315d33f5c7085e37500") != std::string::npos ||
         file.find("379f0f19ef5eada47d1ab8594147ef6157abf3c3") != std::string::npos;
}

// "" for a decoded file, else the reason.
std::string reason(const std::vector<std::byte>& file, const JpegOptions& options) {
  const auto header = read_jpeg_header(file, options);
  if (!header.ok()) return header.error().message;
  Image image(header.value().extent, PixelType::u8);
  const auto result = decode_jpeg(file, options, image.view());
  return result.ok() ? "" : result.error().message;
}

}  // namespace

TEST_CASE("awkward files are read where djpeg reads them", "[io][jpeg][data]") {
  const auto folder = test::real_data("awkward");
  if (!folder) {
    WARN("skipped: no awkward files (set SLUICE_DATA)");
    return;
  }
  const JpegOptions options;
  int decoded = 0;
  for (const Row& row : manifest(*folder)) {
    const auto file = test::bytes_of(*folder / row.file);
    const std::string message = reason(file, options);
    CAPTURE(row.file, row.djpeg, message);
    CHECK(message.find('\n') == std::string::npos);
    if (row.djpeg == 0) CHECK(message.empty());
    if (row.djpeg == 1) CHECK(!message.empty());
    if (row.pixels > options.limits.max_pixels) CHECK(!message.empty());
    if (row.file.starts_with("15_truncated") && !has_its_last_pixel(row.file)) {
      CHECK(message.starts_with("truncated: "));
    }
    if (message.empty()) ++decoded;
  }
  CHECK(decoded > 150);
}

TEST_CASE("awkward files with every orientation and truncation accepted do no harm",
          "[io][jpeg][data]") {
  const auto folder = test::real_data("awkward");
  if (!folder) {
    WARN("skipped: no awkward files (set SLUICE_DATA)");
    return;
  }
  const JpegOptions options{.limits = {.max_pixels = 3'000'000},
                            .orientation = Orientation::apply,
                            .truncated = Truncated::accept};
  for (const Row& row : manifest(*folder)) {
    const std::string message = reason(test::bytes_of(*folder / row.file), options);
    CAPTURE(row.file, row.djpeg, message);
    if (row.pixels > options.limits.max_pixels || row.djpeg == 1) CHECK(!message.empty());
    if (row.pixels > 0 && row.pixels <= options.limits.max_pixels && row.djpeg == 0) {
      CHECK(message.empty());
    }
  }
}
