// The same images through one or more chains, as a contact sheet.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "io/dataset.h"
#include "io/recipe.h"
#include "io/report/sheet.h"

namespace sluice::nodes {

// A chain with its name on the sheet. All recipes of a sheet have one seed.
struct SheetChain {
  std::string name;
  io::Recipe recipe;
};

// Which pictures stand side by side.
enum class SheetView {
  draws,   // the end of the chain, in one epoch after the other
  stages,  // the first epoch, behind each node
};

struct SheetRequest {
  SheetView view = SheetView::draws;
  int images = 4;
  int draws = 5;                              // epochs; `stages` shows the first
  int side = 160;                             // a picture's longer side at most, pixels
  std::size_t bytes = std::size_t{64} << 20;  // images that need more at any stage are passed over
};

// The first images of the data set's order that every chain takes, with the draws that training
// makes of them: one seed gives one sheet. Nodes of one name draw the same in all chains. Mean and
// colours that would be measured are neutral ones. Throws Error{usage} where no image can be used.
io::Sheet contact_sheet(const io::Dataset& data, std::span<const SheetChain> chains,
                        const SheetRequest& request);

}  // namespace sluice::nodes
