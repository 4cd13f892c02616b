// SPDX-License-Identifier: Apache-2.0
/** Visits, line crossings, dwell and occupancy from a camera. */
@NullMarked
package io.edgewright.app.retail;

import org.jspecify.annotations.NullMarked;
