// A net that is laid over a whole image instead of one square of it.
#pragma once

#include "runtime/net/net.h"

namespace sluice {

// `net` for rows of `extent`: the fully connected layers at each window of the last plane that is
// as large as theirs, and the mean of their scores over all windows (VGG paper, section 3.2; the
// mean is taken before the softmax). The parameters are the net's own, in number and shape, so that
// programs of both forms share a state. Of the net's own square the result is the same.
// Throws Error{usage} for a net without fully connected layers behind a plane, with a convolution
// that is one (LeNet-5's C5), or for an image smaller than the net's square.
Net dense_form(const Net& net, Extent extent);

}  // namespace sluice
