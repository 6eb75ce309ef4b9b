#include "nodes/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/nearest.h"
#include "nodes/affine.h"
#include "nodes/auto_augment.h"
#include "nodes/autocontrast.h"
#include "nodes/blur.h"
#include "nodes/brightness.h"
#include "nodes/centre_crop.h"
#include "nodes/channel_order.h"
#include "nodes/colour_jitter.h"
#include "nodes/contrast.h"
#include "nodes/elastic.h"
#include "nodes/equalize.h"
#include "nodes/erase.h"
#include "nodes/flip.h"
#include "nodes/gamma.h"
#include "nodes/grey.h"
#include "nodes/grid_crop.h"
#include "nodes/hue.h"
#include "nodes/identity.h"
#include "nodes/impulse.h"
#include "nodes/invert.h"
#include "nodes/jpeg_quality.h"
#include "nodes/lens.h"
#include "nodes/mean.h"
#include "nodes/noise.h"
#include "nodes/one_of.h"
#include "nodes/pad.h"
#include "nodes/pca_colour.h"
#include "nodes/perspective.h"
#include "nodes/posterize.h"
#include "nodes/random_crop.h"
#include "nodes/random_resized_crop.h"
#include "nodes/rescale.h"
#include "nodes/resize.h"
#include "nodes/rotate.h"
#include "nodes/saturation.h"
#include "nodes/scale.h"
#include "nodes/sharpness.h"
#include "nodes/shear.h"
#include "nodes/solarize.h"
#include "nodes/standardise.h"
#include "nodes/stretch.h"
#include "nodes/translate.h"
#include "nodes/whiten.h"
#include "runtime/error.h"

namespace sluice::nodes {

std::span<const CatalogueNode> catalogue() {
  static const std::array kNodes = {
      node<Rescale, rescale_from>(),
      node<CentreCrop, centre_crop_from>(),
      node<RandomCrop, random_crop_from>(),
      node<Resize, resize_from>(),
      node<RandomResizedCrop, random_resized_crop_from>(),
      node<GridCrop, grid_crop_from>(),
      node<Flip, flip_from>(),
      node<Pad, pad_from>(),
      node<Translate, translate_from>(),
      node<Rotate, rotate_from>(),
      node<Stretch, stretch_from>(),
      node<Shear, shear_from>(),
      node<RandomAffine, affine_from>(),
      node<Perspective, perspective_from>(),
      node<Lens, lens_from>(),
      node<Elastic, elastic_from>(),
      node<Brightness, brightness_from>(),
      node<Contrast, contrast_from>(),
      node<Saturation, saturation_from>(),
      node<Hue, hue_from>(),
      node<Grey, grey_from>(),
      node<ChannelOrder, channel_order_from>(),
      node<ColourJitter, colour_jitter_from>(),
      node<Gamma, gamma_from>(),
      node<Posterize, posterize_from>(),
      node<Solarize, solarize_from>(),
      node<Equalize, equalize_from>(),
      node<Autocontrast, autocontrast_from>(),
      node<Invert, invert_from>(),
      node<Sharpness, sharpness_from>(),
      node<Blur, blur_from>(),
      node<Noise, noise_from>(),
      node<Impulse, impulse_from>(),
      node<JpegQuality, jpeg_quality_from>(),
      node<Erase, erase_from>(),
      node<PcaColour, pca_colour_from>(),
      node<Mean, mean_from>(),
      node<Scale, scale_from>(),
      node<Standardise, standardise_from>(),
      node<Whiten, whiten_from>(),
      node<Identity, identity_from>(),
      group<OneOf, one_of_from>(),
      group<SomeOf, some_of_from>(),
      group<RandAugment, rand_augment_from>(),
      group<TrivialAugment, trivial_augment_from>(),
  };
  return kNodes;
}

const CatalogueNode& find_node(std::string_view name) {
  const auto nodes = catalogue();
  const auto found =
      std::ranges::find(nodes, name, [](const CatalogueNode& node) { return node.info.name; });
  if (found != nodes.end()) return *found;
  std::vector<std::string> valid;
  for (const CatalogueNode& node : nodes) valid.emplace_back(node.info.name);
  fail(ErrorKind::usage, "the chain names an unknown node '{}'{}; valid: {}", name,
       io::did_you_mean(name, valid), fmt::join(valid, ", "));
}

}  // namespace sluice::nodes
