#include "nodes/run/image_source.h"

#include "io/grey_records.h"
#include "nodes/decode_grey.h"
#include "nodes/read_file.h"
#include "nodes/read_record.h"
#include "nodes/run/setup.h"

namespace sluice::nodes {

graph::ImageStream image_source(const io::Dataset& data, const io::Recipe& recipe) {
  if (data.records)
    return graph::files(ReadRecord{data.records}) | DecodeGrey{data.records->extent()};
  return graph::files(ReadFile{data.root}) | make_decoder(recipe);
}

std::optional<Extent> image_extent(const io::Dataset& data) {
  if (!data.records) return std::nullopt;
  return data.records->extent();
}

}  // namespace sluice::nodes
