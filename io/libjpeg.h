// libjpeg-turbo's headers, which want the names of the C library to be there first.
#pragma once

// clang-format off
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>
#include <jerror.h>
// clang-format on
