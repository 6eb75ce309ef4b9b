#include "runtime/net/net_state.h"
