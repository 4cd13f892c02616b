// SPDX-License-Identifier: Apache-2.0
/** Components for Kura's wire graphs: models, cameras, events. */
@NullMarked
package io.edgewright.kura.wires;

import org.jspecify.annotations.NullMarked;
