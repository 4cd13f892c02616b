// SPDX-License-Identifier: Apache-2.0
/** Kura's inference engine over the gateway's deployments. */
@NullMarked
package io.edgewright.kura.inference;

import org.jspecify.annotations.NullMarked;
