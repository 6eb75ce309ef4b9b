// Training on whole images (train.view = "full"): how large each image's row is, and which images
// make a batch.
//
// What is shown is the image in front of the chain's last crop, as dense evaluation has it (VGG
// paper, section 3.2; the authors' framework trained so too). Fully connected layers stand at each
// place of the last map and their scores are averaged (runtime/net/dense_form.h). A batch has
// images of one size. So that sizes come again, sides are rounded down to the net's and a multiple
// of train.full_step, and the middle is kept; 1: nothing is cut off.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "nodes/full_rows.h"
#include "nodes/run/epoch_plan.h"
#include "runtime/extent.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

bool is_full_view(const io::Recipe& recipe);

// What training images pass: the recipe's chain; of full views without its last crop.
std::vector<io::ChainEntry> training_chain(const io::Recipe& recipe);

// Throws Error{usage} for a recipe of full views that says what they do not do, or a chain that
// they cannot have. `net`: of the recipe.
void check_full_view(const io::Recipe& recipe, const Net& net);

// `image` rounded down to net_side plus a multiple of `step`, each side by itself; none where a
// side is smaller than net_side.
std::optional<Extent> row_size(Extent image, int net_side, int step);

class FullView {
 public:
  // Reads the headers of all images, in the calling thread. Throws Error{usage} where none of them
  // can be read and is as large as the net's side behind the chain.
  FullView(const io::Dataset& data, const io::Recipe& recipe, const Net& net);

  // Sizes follow from (seed, epoch, sample) as the chain's draws do. Of an image that cannot be
  // read, or is too small: the net's own, for it will be a bad item.
  RowSizes sizes_in(std::uint32_t epoch) const;

  // Over the first epochs, 64 of them unless images are very many: the size with the most pixels,
  // how many there are, and those of them that no other is at least as large as both in pixels and
  // in windows of the net. What a later epoch draws beyond them is cut.
  Extent largest() const { return largest_; }
  std::size_t count() const { return count_; }
  const std::vector<Extent>& outermost() const { return outermost_; }
  int net_side() const { return side_; }
  int channels() const { return channels_; }  // of rows

 private:
  std::optional<Extent> behind(std::uint32_t epoch, std::uint32_t number) const;
  Extent cut(Extent size) const;
  bool within(Extent size) const;
  void look_ahead();

  std::vector<std::optional<Extent>> images_;
  graph::Chain chain_;
  std::uint64_t seed_;
  std::int64_t max_pixels_;
  int side_;
  int step_;
  int channels_;
  Extent largest_;
  std::size_t count_ = 0;
  std::vector<Extent> outermost_;
};

// The images of an epoch and its batches; `sizes`: of full views, else none.
EpochPlan plan_epoch(const io::Recipe& recipe, std::uint32_t epoch, std::uint32_t images,
                     const RowSizes* sizes);

}  // namespace sluice::nodes
