#include "runtime/net/net.h"
