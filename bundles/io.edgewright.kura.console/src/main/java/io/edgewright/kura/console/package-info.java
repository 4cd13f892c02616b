// SPDX-License-Identifier: Apache-2.0
/** The status page in Kura's web console. */
@NullMarked
package io.edgewright.kura.console;

import org.jspecify.annotations.NullMarked;
