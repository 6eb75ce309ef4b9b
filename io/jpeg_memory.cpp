// What libjpeg-turbo allocates for an image, from its header (jdcoefct.c, jdmainct.c, jdsample.c,
// jmemmgr.c of 2.1). tests/io/jpeg_memory_test.cpp measures it.
#include "io/jpeg_state.h"

namespace sluice::io {
namespace {

// Structs, Huffman, quantisation, colour and range tables, arithmetic statistics, and the slop of
// its pools, whatever the image.
constexpr std::size_t kFixed = 96 * 1024;
// An array is one malloc, which large ones round up to a page and its header.
constexpr std::size_t kPerArray = 8192;

std::size_t rounded_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Rows of samples: aligned to 64 bytes, with a pointer a row.
std::size_t sample_rows(std::size_t samples, std::size_t rows) {
  return (rounded_up(samples, 64) + sizeof(JSAMPROW)) * rows + kPerArray;
}

// All coefficients of a component, padded to whole MCUs.
std::size_t coefficients(const jpeg_component_info& component) {
  const auto h = static_cast<std::size_t>(component.h_samp_factor);
  const auto v = static_cast<std::size_t>(component.v_samp_factor);
  const std::size_t rows = rounded_up(component.height_in_blocks, v);
  return (rounded_up(component.width_in_blocks, h) * sizeof(JBLOCK) + sizeof(JBLOCKROW)) * rows +
         kPerArray;
}

}  // namespace

std::size_t decoder_bytes(const jpeg_decompress_struct& codec) {
  const bool keeps_all = codec.progressive_mode || codec.comps_in_scan < codec.num_components;
  const auto max_h = static_cast<std::size_t>(codec.max_h_samp_factor);
  const auto max_v = static_cast<std::size_t>(codec.max_v_samp_factor);
  std::size_t bytes = kFixed;
  for (int i = 0; i < codec.num_components; ++i) {
    const jpeg_component_info& component = codec.comp_info[i];
    const auto v = static_cast<std::size_t>(component.v_samp_factor);
    if (keeps_all) bytes += coefficients(component);
    // The main buffer: eight row groups, two of context where rows are upsampled, and pointers to
    // them twice more.
    const std::size_t groups = DCTSIZE + (max_v > 1 ? 2 : 0);
    bytes += sample_rows(std::size_t{component.width_in_blocks} * DCTSIZE, v * groups);
    bytes += v * (groups + 2) * 2 * sizeof(JSAMPROW);
    const bool upsampled = component.h_samp_factor < codec.max_h_samp_factor ||
                           component.v_samp_factor < codec.max_v_samp_factor;
    if (upsampled) bytes += sample_rows(rounded_up(codec.image_width, max_h), max_v);
  }
  return bytes + sample_rows(std::size_t{codec.image_width} * 4 + kRowShift, 1);  // our own row
}

}  // namespace sluice::io
