// What a net has learnt and what it looks at in images, as a page that needs nothing else. Pure.
#pragma once

#include <string>
#include <vector>

#include "io/report/picture.h"

namespace sluice::io {

// Of one image.
struct ImagePictures {
  std::string path;
  std::vector<std::string> words;  // lines below it: what the net says
  std::vector<Picture> pictures;
};

struct PicturesPage {
  std::string title;              // "alexnet owt"
  std::vector<std::string> lead;  // sentences below it
  std::vector<Picture> filters;   // of the first layer
  std::vector<ImagePictures> images;
};

// All text may be any bytes.
std::string pictures_page(const PicturesPage& page);

}  // namespace sluice::io
