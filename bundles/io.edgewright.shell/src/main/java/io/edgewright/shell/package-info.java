// SPDX-License-Identifier: Apache-2.0
/** Commands for the OSGi shell and the command line. */
@NullMarked
package io.edgewright.shell;

import org.jspecify.annotations.NullMarked;
