// SPDX-License-Identifier: Apache-2.0
/** Deployments: placement, hot swap, slots, batching, canary and shadow. */
@NullMarked
package io.edgewright.runtime;

import org.jspecify.annotations.NullMarked;
