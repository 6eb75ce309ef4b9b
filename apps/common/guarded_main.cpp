#include "apps/common/guarded_main.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

std::string& program_name() {
  static std::string name;
  return name;
}

int say_no_memory() {
  fmt::print(stderr, "{}: out of memory; take a smaller --batch or --memory\n", program_name());
  return static_cast<int>(ErrorKind::run);
}

int say_no_threads(const char* reason) {
  fmt::print(stderr, "{}: out of memory or threads: {}; take fewer --threads or allow more\n",
             program_name(), io::without_controls(reason));
  return static_cast<int>(ErrorKind::run);
}

// Where nothing may be thrown a failure ends here: oneTBB starts its workers so.
[[noreturn]] void end_in_words() noexcept {
  try {
    if (const std::exception_ptr failure = std::current_exception())
      std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {  // JSON's destructor needs memory
    std::_Exit(say_no_memory());
  } catch (const std::exception& error) {
    if (std::string_view(error.what()).starts_with("pthread_create"))
      std::_Exit(say_no_threads(error.what()));
    fmt::print(stderr, "{}: unforeseen: {}\n", program_name(), error.what());
  } catch (...) {
  }
  std::abort();
}

}  // namespace

int guarded_main(std::string_view program, const std::function<int()>& work) {
  program_name() = program;
  std::set_terminate(end_in_words);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit of file size is a write that fails, not a death
  try {
    const int status = work();
    // A result that could not be written is no result.
    if (std::fflush(stdout) != 0) fail(ErrorKind::run, "standard output: cannot be written");
    return status;
  } catch (const Faults& faults) {
    for (const std::string& line : faults.lines())
      fmt::print(stderr, "{}: {}\n", program, io::without_controls(line));
    return static_cast<int>(faults.kind());
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", program, io::without_controls(error.what()));
    return static_cast<int>(error.kind());
  } catch (const std::bad_alloc&) {
    return say_no_memory();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again)
      return say_no_threads(error.what());
    fmt::print(stderr, "{}: unforeseen: {}\n", program, io::without_controls(error.what()));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: unforeseen: {}\n", program, io::without_controls(error.what()));
  }
  return static_cast<int>(ErrorKind::run);
}

}  // namespace sluice::apps
