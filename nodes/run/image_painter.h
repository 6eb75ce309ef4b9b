// Private to make_pictures(): the pictures of one image after the other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/report/pictures_page.h"
#include "nodes/run/occlusion.h"
#include "nodes/run/picture_folder.h"
#include "nodes/run/pictures.h"
#include "nodes/run/saliency.h"
#include "nodes/run/seen_rows.h"
#include "nodes/run/subject.h"

namespace sluice::nodes {

// What a request comes to for one net; known before anything is written.
struct PicturesWanted {
  std::vector<std::string> layers;
  std::optional<int> of_class;  // none: the likeliest
  Square square;
};

// Of one net. `slopes` gives scores, kept outputs and gradients of one row, `copies` the scores of
// occluded copies.
struct PicturePrograms {
  std::unique_ptr<Program> slopes, copies;
  int batch = 1;  // of `copies`
};

// A name for each score; those of scores beyond the data's classes are numbers.
std::vector<std::string> score_names(const Subject& subject);

// Everything must outlive it. Inside the arena.
class ImagePainter {
 public:
  ImagePainter(const Subject& subject, const PicturesWanted& wanted,
               const PicturePrograms& programs, PictureFolder& folder);

  // Writes all pictures of an image. Throws Error{run} where what the net says is no number.
  void paint(const SeenRow& row, const BetweenBatches& between);

  // Of the image that was painted last.
  const ImageFiles& image() const { return image_; }
  const io::ImagePictures& page() const { return page_; }

 private:
  std::string add(const std::string& what, std::string name, std::vector<std::string> words,
                  const Image& image);
  std::string class_name() const;
  std::string class_words(int of_class, double probability) const;
  Look guess(const SeenRow& row);
  void show_seen(const SeenRow& row);
  void show_activations();
  void show_saliency(const SeenRow& row, const Look& look);
  void show_occlusion(const SeenRow& row, const BetweenBatches& between);
  void take_extremes(const OcclusionMap& map);

  const PicturesWanted& wanted_;
  const PicturePrograms& programs_;
  PictureFolder& folder_;
  RowShape shape_;
  std::vector<std::string> names_;
  std::string stem_;
  ImageFiles image_;
  io::ImagePictures page_;
};

}  // namespace sluice::nodes
