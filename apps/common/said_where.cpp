#include "apps/common/said_where.h"

#include <algorithm>

namespace sluice::apps {
namespace {

// The first place that is found, and how long the name is: "net.lrn" is not "net.lrn_size".
struct Best {
  std::size_t at = std::string_view::npos;
  std::size_t length = 0;
  std::string place;
};

bool goes_on(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

void look_for(std::string_view message, const std::string& name, const std::string& place,
              Best& best) {
  if (place.empty() || message.find(place) != std::string_view::npos) return;
  std::size_t at = message.find(name);
  while (at != std::string_view::npos && at + name.size() < message.size() &&
         goes_on(message[at + name.size()]))
    at = message.find(name, at + 1);
  if (at == std::string_view::npos) return;
  if (at > best.at || (at == best.at && name.size() <= best.length)) return;
  best = {at, name.size(), place};
}

void look_in(std::string_view message, const std::string& table,
             const std::vector<io::ChainEntry>& chain, Best& best) {
  for (const io::ChainEntry& entry : chain) {
    const std::string name = table + "." + entry.name;
    look_for(message, name, io::place_prefix(entry), best);
    for (const auto& [parameter, value] : entry.parameters)
      look_for(message, name + "." + parameter, io::place_prefix(entry, parameter), best);
  }
}

}  // namespace

std::string place_of_named(const io::Recipe& recipe, std::string_view message) {
  Best best;
  for (const io::RecipeKey& key : io::recipe_keys())
    look_for(message, std::string(key.key), recipe.place_prefix(key.key), best);
  look_in(message, "augment", recipe.augment, best);
  look_in(message, "evaluation", recipe.evaluation, best);
  return best.place;
}

}  // namespace sluice::apps
