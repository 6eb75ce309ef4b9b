#include "nodes/run/contact_sheet.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "nodes/augment_chain.h"
#include "nodes/run/full_view.h"
#include "nodes/run/image_opener.h"
#include "nodes/run/sample_pictures.h"
#include "nodes/run/statistics.h"

namespace sluice::nodes {
namespace {

struct MadeChain {
  std::string name;
  graph::Chain stages;
};

io::SheetCell cell_of(ConstImageView image, std::string name, int side) {
  Shown shown = shown_as(image, side);
  return {.picture = std::move(shown.image),
          .extent = image.extent,
          .name = std::move(name),
          .words = {},
          .stretched = shown.stretched,
          .black = shown.black,
          .white = shown.white};
}

// One image, and with which draws it goes.
struct Going {
  const Image& decoded;
  graph::SampleId id;
  std::uint64_t seed;
};

// The end of the chain, all decisions below it. None: a stage does not take the image.
std::optional<io::SheetCell> at_end(const MadeChain& chain, const Going& going,
                                    const SheetRequest& request) {
  Image image = going.decoded.clone();
  std::vector<std::string> words;
  for (const auto& stage : chain.stages) {
    if (!stage_fits(*stage, going.seed, going.id, image.view(), request.bytes)) return std::nullopt;
    StageImage made = apply_stage(*stage, going.seed, going.id, image.view());
    image = std::move(made.image);
    const std::string decided = words_of(*stage, made.decision);
    if (!decided.empty()) words.push_back(fmt::format("{}: {}", stage->name(), decided));
  }
  io::SheetCell cell =
      cell_of(image.view(), fmt::format("draw {}", going.id.epoch + 1), request.side);
  cell.words = std::move(words);
  return cell;
}

std::optional<io::SheetRow> draws_of(const MadeChain& chain, Going going,
                                     const SheetRequest& request) {
  io::SheetRow row{.chain = chain.name, .cells = {}};
  for (int draw = 0; draw < request.draws; ++draw) {
    going.id.epoch = static_cast<std::uint32_t>(draw);
    std::optional<io::SheetCell> cell = at_end(chain, going, request);
    if (!cell) return std::nullopt;
    row.cells.push_back(*std::move(cell));
  }
  return row;
}

std::optional<io::SheetRow> stages_of(const MadeChain& chain, const Going& going,
                                      const SheetRequest& request) {
  io::SheetRow row{.chain = chain.name, .cells = {}};
  row.cells.push_back(cell_of(going.decoded.view(), "decode", request.side));
  Image image = going.decoded.clone();
  for (const auto& stage : chain.stages) {
    if (!stage_fits(*stage, going.seed, going.id, image.view(), request.bytes)) return std::nullopt;
    StageImage made = apply_stage(*stage, going.seed, going.id, image.view());
    image = std::move(made.image);
    row.cells.push_back(cell_of(image.view(), stage->name(), request.side));
    const std::string decided = words_of(*stage, made.decision);
    if (!decided.empty()) row.cells.back().words.push_back(decided);
  }
  return row;
}

std::optional<std::vector<io::SheetRow>> rows_of(const std::vector<MadeChain>& chains,
                                                 const Going& going, const SheetRequest& request) {
  std::vector<io::SheetRow> rows;
  for (const MadeChain& chain : chains) {
    auto row = request.view == SheetView::draws ? draws_of(chain, going, request)
                                                : stages_of(chain, going, request);
    if (!row) return std::nullopt;
    rows.push_back(*std::move(row));
  }
  return rows;
}

std::vector<MadeChain> made_chains(std::span<const SheetChain> chains) {
  std::vector<MadeChain> made;
  for (const SheetChain& chain : chains)
    made.push_back(
        {chain.name, make_chain(training_chain(chain.recipe), neutral_statistics(chain.recipe))});
  return made;
}

}  // namespace

io::Sheet contact_sheet(const io::Dataset& data, std::span<const SheetChain> chains,
                        const SheetRequest& request) {
  const io::Recipe& first = chains.front().recipe;
  const auto seed = static_cast<std::uint64_t>(first.integer("seed"));
  const std::vector<MadeChain> made = made_chains(chains);
  io::Sheet sheet;
  take_images(data, first,
              {.images = request.images, .bytes = request.bytes, .chains = chains.size()},
              [&](const graph::SourceItem& item, const Image& image) {
                auto rows = rows_of(made, {image, item.id, seed}, request);
                if (!rows) return false;
                const auto label = static_cast<std::size_t>(item.label);
                sheet.images.push_back(
                    {.path = std::string(item.path),
                     .label = data.classes.size() < 2 ? std::string() : data.classes.at(label),
                     .rows = *std::move(rows)});
                return true;
              });
  sheet.title = fmt::format("{} image{}, {} chain{}, seed {}", sheet.images.size(),
                            sheet.images.size() == 1 ? "" : "s", chains.size(),
                            chains.size() == 1 ? "" : "s", seed);
  return sheet;
}

}  // namespace sluice::nodes
