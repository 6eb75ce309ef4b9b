#include "io/nearest.h"

#include <vector>

#include "tests/support/catch.h"

namespace sluice::io {
namespace {

TEST_CASE("the distance of two words counts slips of the keyboard", "[io][nearest]") {
  CHECK(edit_distance("flip", "flip") == 0);
  CHECK(edit_distance("flp", "flip") == 1);
  CHECK(edit_distance("fliip", "flip") == 1);
  CHECK(edit_distance("flop", "flip") == 1);
  CHECK(edit_distance("filp", "flip") == 1);
  CHECK(edit_distance("", "flip") == 4);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance(std::string(1000, 'a'), std::string(900, 'a')) == 0);
}

TEST_CASE("the nearest name is offered, or none where none is near", "[io][nearest]") {
  const std::vector<std::string> valid = {"rescale", "resize", "flip", "in"};
  CHECK(nearest("rescael", valid) == "rescale");
  CHECK(nearest("resise", valid) == "resize");
  CHECK(nearest("ni", valid) == "in");
  CHECK(nearest("xyz", valid) == std::nullopt);
  CHECK(nearest("", valid) == std::nullopt);
  CHECK(did_you_mean("filp", valid) == " (did you mean 'flip'?)");
  CHECK(did_you_mean("perspective", valid).empty());
}

}  // namespace
}  // namespace sluice::io
