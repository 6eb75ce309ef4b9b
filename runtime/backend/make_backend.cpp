#include "runtime/backend/make_backend.h"
