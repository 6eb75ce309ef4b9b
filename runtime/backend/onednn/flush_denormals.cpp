#include "runtime/backend/onednn/flush_denormals.h"

#include <tbb/task_group.h>
#include <xmmintrin.h>

namespace sluice::onednn {
namespace {

constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;

class ControlWord {
 public:
  ControlWord() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero); }
  ~ControlWord() { _mm_setcsr(before_); }
  ControlWord(const ControlWord&) = delete;
  ControlWord& operator=(const ControlWord&) = delete;

 private:
  unsigned before_;
};

}  // namespace

void with_flushed_denormals(const std::function<void()>& work) {
  const ControlWord control_word;
  // Takes the setting of this thread, and loops inside the work inherit it.
  tbb::task_group_context context(
      tbb::task_group_context::isolated,
      tbb::task_group_context::default_traits | tbb::task_group_context::fp_settings);
  tbb::task_group group(context);
  group.run_and_wait(work);
}

}  // namespace sluice::onednn
