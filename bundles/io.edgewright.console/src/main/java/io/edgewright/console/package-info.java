// SPDX-License-Identifier: Apache-2.0
/** The status page. */
@NullMarked
package io.edgewright.console;

import org.jspecify.annotations.NullMarked;
