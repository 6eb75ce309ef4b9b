#include "nodes/run/start_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "io/safetensors.h"
#include "io/statistics_text.h"
#include "io/text.h"
#include "io/weights.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/net_options.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::array<std::string_view, 7> kOfConfigA = {"conv1_1", "conv2_1", "conv3_1", "conv3_2",
                                                        "fc6",     "fc7",     "fc8"};

std::string title(const Net& net) { return net.name + " '" + net.variant + "'"; }

// The net whose weights a file holds, for the names it has there.
Net donor_of(const io::SafetensorsFile& file, const Net& net, StartLayers layers) {
  if (!file.metadata().contains("sluice.net")) {
    return layers == StartLayers::config_a ? vgg({.variant = "A"}) : net;
  }
  const io::WeightsInfo info = io::weights_info_from(file);
  require(info.net == net.name, "{} holds {} '{}', which {} cannot start from; valid: {} weights",
          file.name(), io::one_line(info.net), io::one_line(info.variant), title(net), net.name);
  io::Recipe trained;
  trained.load_text(info.recipe, file.name());
  return net_from(trained, static_cast<int>(trained.integer("net.classes")));
}

void check_config_a(const io::SafetensorsFile& file, const Net& donor, const Net& net) {
  require(net.name == "vgg", "only vgg starts from its configuration A, this net is {}",
          title(net));
  require(donor.variant == "A" || donor.variant == "A-LRN",
          "{} holds {}; starting from configuration A takes weights of vgg 'A' or 'A-LRN'",
          file.name(), title(donor));
}

const Layer* find_layer(const Net& net, std::string_view name) {
  const auto found = std::find_if(net.layers.begin(), net.layers.end(),
                                  [&](const Layer& layer) { return layer.name == name; });
  return found == net.layers.end() ? nullptr : &*found;
}

// Indices of the net's last layer with parameters, and whether a layer is to be taken.
struct Selection {
  const Net& net;
  StartLayers layers;
  std::size_t last = 0;

  bool takes(std::size_t layer) const {
    if (layers == StartLayers::body) return layer != last;
    if (layers == StartLayers::all) return true;
    return std::find(kOfConfigA.begin(), kOfConfigA.end(), net.layers[layer].name) !=
           kOfConfigA.end();
  }
  bool may_differ(std::size_t layer) const {
    return layers == StartLayers::config_a && layer == last;
  }
};

std::string_view role_word(ParameterRole role) {
  return role == ParameterRole::weights ? "weights" : "biases";
}

// Where a parameter lies in the file; null: it may be left out.
const io::TensorEntry* find_entry(const io::SafetensorsFile& file, const Net& donor,
                                  const Selection& selection, const ParameterInfo& info) {
  const std::string& name = selection.net.layers[info.layer].name;
  const Layer* const layer = find_layer(donor, name);
  const std::string_view ending = info.role == ParameterRole::weights ? ".weight" : ".bias";
  const io::TensorEntry* const entry =
      layer == nullptr ? nullptr : file.find(fmt::format("{}{}", layer->file_name, ending));
  const std::string_view role = role_word(info.role);
  require(entry != nullptr, "{} has no {} of layer {}, {} needs {}", file.name(), role, name,
          title(selection.net), info.shape.text());
  if (entry->shape != info.shape && selection.may_differ(info.layer)) return nullptr;
  require(entry->shape == info.shape, "{}: {} of layer {} have shape {}, {} needs {}", file.name(),
          role, name, entry->shape.text(), title(selection.net), info.shape.text());
  return entry;
}

// A parameter's index and its place in the file.
using Places = std::vector<std::pair<std::size_t, const io::TensorEntry*>>;

Places find_places(const io::SafetensorsFile& file, const Net& donor, const Selection& selection,
                   const std::vector<ParameterInfo>& infos) {
  Places places;
  std::optional<std::size_t> fresh;  // a layer is taken whole or not at all
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (!selection.takes(infos[i].layer) || fresh == infos[i].layer) continue;
    const io::TensorEntry* const entry = find_entry(file, donor, selection, infos[i]);
    if (entry == nullptr) fresh = infos[i].layer;
    if (entry != nullptr) places.emplace_back(i, entry);
  }
  return places;
}

void require_nothing_else(const io::SafetensorsFile& file, const Net& net, const Places& places) {
  std::set<std::string_view> taken;
  for (const auto& [index, entry] : places) taken.insert(entry->name);
  for (const io::TensorEntry& entry : file.tensors()) {
    const bool known = taken.contains(entry.name) ||
                       entry.name.starts_with(io::kStatisticsPrefix) ||
                       entry.name.starts_with(io::kVelocityPrefix);
    require(known, "{} has {} ({}), which {} does not have", file.name(), io::one_line(entry.name),
            entry.shape.text(), title(net));
  }
}

// A file and what of it a net takes, found and fitting.
struct Donation {
  io::SafetensorsFile file;
  std::vector<ParameterInfo> infos;
  Places places;
};

Donation open_donation(const StartFrom& from, const Net& net) {
  Donation donation{.file = io::SafetensorsFile(from.file), .infos = parameters(net), .places = {}};
  const Net donor = donor_of(donation.file, net, from.layers);
  if (from.layers == StartLayers::config_a) check_config_a(donation.file, donor, net);
  const Selection selection{.net = net, .layers = from.layers, .last = donation.infos.back().layer};
  donation.places = find_places(donation.file, donor, selection, donation.infos);
  if (from.layers == StartLayers::all) require_nothing_else(donation.file, net, donation.places);
  donation.file.verify();
  return donation;
}

// All are read before the first is written: a file that breaks on the way changes nothing.
void copy(const io::SafetensorsFile& file, const Places& places, NetState& state) {
  std::vector<std::vector<float>> values;
  for (const auto& [index, entry] : places) {
    values.emplace_back(static_cast<std::size_t>(entry->shape.elements()));
    file.read(*entry, values.back());
  }
  for (std::size_t i = 0; i < places.size(); ++i) state.write(places[i].first, values[i]);
}

}  // namespace

StartFrom start_from_recipe(const io::Recipe& recipe) {
  const std::string& layers = recipe.text("train.from_layers");
  require(layers == "all" || !recipe.text("train.from").empty(),
          "train.from_layers = \"{}\" needs weights to take them from; give --from FILE", layers);
  return {.file = recipe.text("train.from"),
          .layers = layers == "config-a" ? StartLayers::config_a
                    : layers == "body"   ? StartLayers::body
                                         : StartLayers::all};
}

void check_start(const StartFrom& from, const Net& net) { (void)open_donation(from, net); }

std::vector<std::string> start_from(const StartFrom& from, const Net& net, NetState& state) {
  const Donation donation = open_donation(from, net);
  copy(donation.file, donation.places, state);
  std::vector<std::string> names;
  for (const auto& [index, entry] : donation.places) {
    const std::string& name = net.layers[donation.infos[index].layer].name;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

}  // namespace sluice::nodes
