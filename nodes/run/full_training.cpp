#include "nodes/run/full_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/error.h"
#include "runtime/net/dense_form.h"

namespace sluice::nodes {
namespace {

// In which programs of sizes that come again are kept.
constexpr std::size_t kKeptBytes = std::size_t{256} << 20;

}  // namespace

void check_full_layers(const io::Recipe& recipe, LayerTimes times) {
  require(times == LayerTimes::off || !is_full_view(recipe),
          "--layers: whole images (train.view = \"full\") have layers of many sizes; valid: "
          "train.view = \"crop\"");
}

void check_full_backend(const io::Recipe& recipe, const Backend& backend) {
  require(!is_full_view(recipe) || backend.name() != "cudnn",
          "train.view = \"full\": cudnn has no layers for whole images; valid: --backend onednn or "
          "reference, or train.view = \"crop\"");
}

FullProgram::Room full_room(const FullNet& full, const ProgramOptions& options) {
  std::size_t one = 0;
  for (const Extent size : full.view.outermost())
    one = std::max(one,
                   full.backend.compile(dense_form(full.net, size), full.state, options)->bytes());
  const std::size_t kept = std::max(one, std::min(full.view.count() * one, kKeptBytes));
  return {.kept_bytes = kept, .bytes = kept};
}

std::unique_ptr<Program> compile_full(const FullNet& full, const ProgramOptions& options) {
  return std::make_unique<FullProgram>(
      DensePrograms::Source{
          .net = full.net, .state = full.state, .backend = full.backend, .options = options},
      full_room(full, options));
}

graph::BatchStream full_batches(graph::ImageStream images, graph::Chain chain, const FullView& view,
                                const RowSizes& sizes) {
  const CollateFull rows{.sizes = &sizes,
                         .most_pixels = view.largest().pixels(),
                         .least_side = view.net_side(),
                         .channels = view.channels()};
  return std::move(images) | std::move(chain) | rows | PackRows{rows};
}

std::string full_view_begins(const io::Dataset& data) {
  return fmt::format("whole images: reading the headers of {} files", data.entries.size());
}

std::string full_view_text(const FullView& view) {
  return fmt::format("whole images: {} sizes up to {} x {}, one size a batch", view.count(),
                     view.largest().width, view.largest().height);
}

}  // namespace sluice::nodes
