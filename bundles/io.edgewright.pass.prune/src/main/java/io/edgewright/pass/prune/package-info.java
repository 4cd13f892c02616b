// SPDX-License-Identifier: Apache-2.0
/** Takes channels, or single weights, out of a model. */
@NullMarked
package io.edgewright.pass.prune;

import org.jspecify.annotations.NullMarked;
