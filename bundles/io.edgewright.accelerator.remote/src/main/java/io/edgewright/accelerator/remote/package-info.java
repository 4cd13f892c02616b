// SPDX-License-Identifier: Apache-2.0
/** Servers that speak the Open Inference Protocol, version 2, as accelerators. */
@NullMarked
package io.edgewright.accelerator.remote;

import org.jspecify.annotations.NullMarked;
