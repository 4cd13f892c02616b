// SPDX-License-Identifier: Apache-2.0
/** Fits a model to the engine that will run it. */
@NullMarked
package io.edgewright.pass.compile;

import org.jspecify.annotations.NullMarked;
