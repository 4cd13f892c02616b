// SPDX-License-Identifier: Apache-2.0
/** The driver of the device ${driver}. */
@NullMarked
package ${package};

import org.jspecify.annotations.NullMarked;
