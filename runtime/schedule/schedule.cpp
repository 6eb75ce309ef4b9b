#include "runtime/schedule/schedule.h"
