// Whether every option that somebody gave does something.
#pragma once

#include "io/recipe.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Throws Error{usage} for a key that has an effect only together with others, where these say
// otherwise: "train.margin = 2.0 changes nothing here, it needs train.loss = "hinge"". A key counts
// as given when its value is neither its own default nor the variant's, so that a resolved recipe,
// which lists all keys, passes. A key of a schedule does something if it does in any stretch
// between amendments. Where it is known what the user says now (Recipe::said), other keys pass: a
// file's are idle where options beside it make them so. `net`: of this recipe.
void check_heard(const io::Recipe& recipe, const Net& net);

}  // namespace sluice::nodes
