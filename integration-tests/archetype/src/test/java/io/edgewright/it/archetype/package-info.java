// SPDX-License-Identifier: Apache-2.0
/** Generates a driver from the archetype, builds it, and runs its tests. */
@NullMarked
package io.edgewright.it.archetype;

import org.jspecify.annotations.NullMarked;
