// SPDX-License-Identifier: Apache-2.0
/** Changes the number formats of a model: int8 with and without calibration, half floats, 4-bit weights. */
@NullMarked
package io.edgewright.pass.quantize;

import org.jspecify.annotations.NullMarked;
