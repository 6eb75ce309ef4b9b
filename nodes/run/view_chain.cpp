#include "nodes/run/view_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "nodes/augment_chain.h"
#include "nodes/catalogue.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Chain = std::vector<io::ChainEntry>;

// What cuts an image to a size of its own; `identity` shifts by nothing and cuts nothing.
bool is_crop(const io::ChainEntry& entry) {
  const CatalogueNode& node = find_node(entry.node);
  return node.only_shifts &&
         node.extent_behind(ChainParameters(entry, node.info), std::nullopt).has_value();
}

auto last_crop(Chain& chain) {
  const auto found = std::find_if(chain.rbegin(), chain.rend(), is_crop);
  return found == chain.rend() ? chain.end() : found.base() - 1;
}

bool is_geometry(const io::ChainEntry& entry) {
  return find_node(entry.node).info.kind == graph::NodeKind::geometry;
}

bool has_mean_image(const io::ChainEntry& entry) {
  return statistics_need(std::span(&entry, 1)).mean_image;
}

// A colour node that treats every pixel alike changes places with a crop without changing a bit.
void check_behind_crop(const io::ChainEntry& entry, const ViewRequest& request) {
  const CatalogueNode& node = find_node(entry.node);
  const bool alike = node.info.kind == graph::NodeKind::colour && !has_mean_image(entry);
  require(alike || node.only_shifts,
          "{} has '{}' behind the last crop, which does not treat every pixel alike; valid: "
          "--protocol centre",
          request.owner, entry.name);
}

// The last rescale: one before it does not say what size the net sees.
auto last_rescale(Chain& chain) {
  const auto found = std::find_if(chain.rbegin(), chain.rend(), [](const io::ChainEntry& entry) {
    return entry.node == "rescale";
  });
  return found == chain.rend() ? chain.end() : found.base() - 1;
}

void set_scale(Chain& chain, const ViewRequest& request) {
  const auto rescale = last_rescale(chain);
  require(rescale != chain.end(),
          "{} has no rescale in its chain for testing, so its images have one scale; valid: no "
          "--scales",
          request.owner);
  std::erase_if(rescale->parameters,
                [](const auto& p) { return p.first == "side" || p.first == "to"; });
  rescale->parameters.emplace_back("side", std::int64_t{request.scale});
}

io::ChainEntry squash_to(int side, const Chain& chain) {
  io::ChainEntry resize{.node = "resize", .name = "squash", .use = true, .parameters = {}};
  resize.parameters = {{"width", std::int64_t{side}}, {"height", std::int64_t{side}}};
  for (const io::ChainEntry& entry : chain) {
    if (entry.node != "rescale" && entry.node != "resize") continue;
    for (const auto& parameter : entry.parameters)
      if (parameter.first == "filter") resize.parameters.push_back(parameter);
    break;
  }
  return resize;
}

void squash(Chain& chain, const ViewRequest& request) {
  for (const io::ChainEntry& entry : chain)
    require(!has_mean_image(entry),
            "{} subtracts a mean image, which fits no squashed image; valid: another --protocol",
            request.owner);
  const io::ChainEntry resize = squash_to(request.side, chain);
  std::erase_if(chain, is_geometry);
  chain.insert(chain.begin(), resize);
}

}  // namespace

std::vector<io::ChainEntry> without_last_crop(std::vector<io::ChainEntry> chain) {
  std::erase_if(chain, [](const io::ChainEntry& entry) { return !entry.use; });
  if (const auto crop = last_crop(chain); crop != chain.end()) chain.erase(crop);
  return chain;
}

std::vector<io::ChainEntry> view_chain(std::vector<io::ChainEntry> chain,
                                       const ViewRequest& request) {
  std::erase_if(chain, [](const io::ChainEntry& entry) { return !entry.use; });
  if (request.frame == Frame::squashed) {
    squash(chain, request);
    check_chain_ends_at(chain, request.side);
    return chain;
  }
  if (request.scale > 0) set_scale(chain, request);
  const auto crop = last_crop(chain);
  if (crop == chain.end()) return chain;
  std::for_each(crop + 1, chain.end(),
                [&](const io::ChainEntry& entry) { check_behind_crop(entry, request); });
  check_chain_ends_at(chain, request.side);
  chain.erase(crop);
  return chain;
}

}  // namespace sluice::nodes
