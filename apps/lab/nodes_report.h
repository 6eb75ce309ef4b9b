// The catalogue for people and for programs (apps/schemas/catalogue.schema.json).
#pragma once

#include <span>
#include <string>

#include "io/report/catalogue_page.h"

namespace sluice::apps {

std::string nodes_text(std::span<const io::CatalogueItem> items,
                       std::span<const io::CatalogueParameter> general);
std::string nodes_json(std::span<const io::CatalogueItem> items,
                       std::span<const io::CatalogueParameter> general);

}  // namespace sluice::apps
