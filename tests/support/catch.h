// The only file that includes Catch2.
#pragma once

#include <catch2/catch.hpp>
