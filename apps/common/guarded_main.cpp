#include "apps/common/guarded_main.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::apps {

int guarded_main(std::string_view program, const std::function<int()>& work) {
  try {
    const int status = work();
    // A result that could not be written is no result.
    if (std::fflush(stdout) != 0) fail(ErrorKind::run, "standard output: cannot be written");
    return status;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", program, io::without_controls(error.what()));
    return static_cast<int>(error.kind());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "{}: out of memory; take a smaller --batch or --memory\n", program);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: unforeseen: {}\n", program, io::without_controls(error.what()));
  }
  return static_cast<int>(ErrorKind::run);
}

}  // namespace sluice::apps
