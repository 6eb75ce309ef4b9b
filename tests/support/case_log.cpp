// Writes the fate of every test case to the file that SLUICE_CASES names, one line each, so that
// tests/run can count cases instead of binaries, and see in which case a binary died:
//
//   begin<TAB>NAME              the case runs; no `end` behind it: the binary died in it
//   end<TAB>passed|failed|skipped<TAB>NAME
//
// A case is skipped when it passes and has said "skipped: ..." through WARN. Linked into every test
// binary; does nothing without SLUICE_CASES.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/catch.h"

namespace {

class CaseLog : public Catch::TestEventListenerBase {
 public:
  explicit CaseLog(const Catch::ReporterConfig& config) : TestEventListenerBase(config) {
    const char* path = std::getenv("SLUICE_CASES");
    if (path != nullptr) file_.open(path, std::ios::trunc);
  }

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    TestEventListenerBase::testCaseStarting(info);
    said_skipped_ = false;
    write("begin\t" + info.name);
  }

  bool assertionEnded(const Catch::AssertionStats& stats) override {
    const Catch::AssertionResult& result = stats.assertionResult;
    if (result.getResultType() == Catch::ResultWas::Warning) {
      said_skipped_ |= result.getMessage().rfind("skipped:", 0) == 0;
    }
    return TestEventListenerBase::assertionEnded(stats);
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const bool failed = !stats.totals.assertions.allOk();
    const std::string fate = failed ? "failed" : said_skipped_ ? "skipped" : "passed";
    write("end\t" + fate + "\t" + stats.testInfo.name);
    TestEventListenerBase::testCaseEnded(stats);
  }

 private:
  void write(const std::string& line) {
    if (file_.is_open()) file_ << line << std::endl;  // flushed: the next line may never come
  }

  std::ofstream file_;
  bool said_skipped_ = false;
};

CATCH_REGISTER_LISTENER(CaseLog)

}  // namespace
