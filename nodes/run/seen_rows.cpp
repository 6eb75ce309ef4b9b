#include "nodes/run/seen_rows.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "io/dataset.h"
#include "io/read_file.h"
#include "io/recipe.h"
#include "io/text.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/run/image_opener.h"
#include "nodes/run/stage_image.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::string_view kLimit = "--memory";

io::Dataset named(std::span<const std::filesystem::path> files) {
  io::Dataset data;
  data.root = ".";
  for (const std::filesystem::path& file : files) {
    const Result<std::size_t> bytes = io::file_bytes(file);
    require(bytes.ok(), "{}: {}; valid: JPEG files", io::one_line(file.string()),
            bytes.ok() ? "" : bytes.error().message);
    data.entries.push_back({.path = file.string(), .label = 0, .bytes = bytes.value()});
  }
  return data;
}

// What is wrong with an image, or its row.
Result<std::vector<float>> row_of(const Subject& subject, const graph::Chain& chain, Image image,
                                  const graph::SampleId& id, std::size_t bytes) {
  const auto seed = static_cast<std::uint64_t>(subject.trained.integer("seed"));
  for (const auto& stage : chain) {
    if (const auto why = stage->refuses(image.extent())) return ItemError{*why};
    if (!stage_fits(*stage, seed, id, image.view(), bytes))
      return ItemError{fmt::format("too large behind {}, {} is {}", stage->name(), kLimit,
                                   io::format_bytes(bytes))};
    image = apply_stage(*stage, seed, id, image.view()).image;
  }
  const Collate collate{.side = subject.net.side, .channels = subject.net.channels};
  std::vector<float> row(collate.row_floats());
  const Result<> stored = collate.store(image.view(), id, row);
  if (!stored.ok()) return stored.error();
  return row;
}

}  // namespace

std::vector<SeenRow> seen_rows(const Subject& subject, const SeenFiles& files,
                               const Listener& listener, const std::stop_token& stop) {
  const io::Dataset data = named(files.paths);
  const graph::Chain chain = make_chain(subject.chain(), subject.info.statistics);
  const ImageOpener opener(data, subject.trained, {.bytes = files.bytes, .name = kLimit});
  std::vector<SeenRow> rows;
  for (std::size_t i = 0; i < data.entries.size(); ++i) {
    if (stop.stop_requested())
      fail(ErrorKind::interrupted, "interrupted after reading {} of {} files", i,
           data.entries.size());
    const io::Entry& entry = data.entries[i];
    const auto number = static_cast<std::uint32_t>(i);
    const graph::SampleId id{.epoch = 0, .number = number, .position = number};
    Result<Image> image =
        opener.open({.id = id, .path = entry.path, .label = 0, .file_bytes = entry.bytes});
    Result<std::vector<float>> row =
        image ? row_of(subject, chain, std::move(image.value()), id, files.bytes)
              : Result<std::vector<float>>(image.error());
    if (row.ok())
      rows.push_back({.path = entry.path, .values = std::move(row.value())});
    else
      listener.warn(
          fmt::format("bad file left out: {}: {}", io::one_line(entry.path), row.error().message));
  }
  if (rows.empty() && !files.paths.empty())
    fail(ErrorKind::run, "{}: none of {} files could be used",
         io::one_line(files.paths.front().string()), files.paths.size());
  return rows;
}

}  // namespace sluice::nodes
