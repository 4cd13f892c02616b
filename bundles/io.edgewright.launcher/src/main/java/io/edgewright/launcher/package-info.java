// SPDX-License-Identifier: Apache-2.0
/** Starts a gateway, and the command line that talks to it. */
@NullMarked
package io.edgewright.launcher;

import org.jspecify.annotations.NullMarked;
