// Nodes and their parameters as one HTML page that needs nothing else. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace sluice::io {

struct CatalogueParameter {
  std::string name, type, unit, otherwise, valid, help;
};

struct CatalogueItem {
  std::string name, kind, cost, help;
  std::string tested;              // what becomes of it when a net is tested, in words
  std::vector<std::string> notes;  // "takes bytes only"
  std::vector<CatalogueParameter> parameters;
};

// `general`: what every item takes beside its own. Words may be any bytes, they are escaped.
std::string catalogue_page(std::span<const CatalogueItem> items,
                           std::span<const CatalogueParameter> general);

}  // namespace sluice::io
