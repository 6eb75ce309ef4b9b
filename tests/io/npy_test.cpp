#include "io/npy.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("an npy file is a header of 64 times n bytes and the values as they lie", "[io][npy]") {
  const test::TempFolder folder;
  const std::vector<float> values{1.5F, -2.0F, 0.0F, 3.0F, 4.0F, 5.0F};
  write_npy(folder / "a.npy", {2, 3}, values);
  const std::string file = contents(folder / "a.npy");
  CHECK(file.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(file[8])) +
                      256 * static_cast<std::size_t>(static_cast<unsigned char>(file[9]));
  CHECK((10 + length) % 64 == 0);
  const std::string header = file.substr(10, length);
  CHECK(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2,3,), }"));
  CHECK(header.back() == '\n');
  REQUIRE(file.size() == 10 + length + 24);
  CHECK(std::memcmp(file.data() + 10 + length, values.data(), 24) == 0);
}

TEST_CASE("an npy file of integers says so", "[io][npy]") {
  const test::TempFolder folder;
  write_npy(folder / "a.npy", {2}, std::vector<std::int32_t>{7, 8});
  const std::string file = contents(folder / "a.npy");
  CHECK_THAT(file, Catch::Contains("'<i4'"));
  CHECK_THAT(file, Catch::Contains("'shape': (2,)"));
}

TEST_CASE("values that do not fill the shape leave no npy file", "[io][npy]") {
  const test::TempFolder folder;
  CHECK_THROWS_AS(write_npy(folder / "a.npy", {3}, std::vector<float>{1.0F}), Error);
  CHECK(std::filesystem::is_empty(folder / "."));
}

}  // namespace sluice::io
