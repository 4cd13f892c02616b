// SPDX-License-Identifier: Apache-2.0
/** Checks of the packaged gateway. */
@NullMarked
package io.edgewright.gateway;

import org.jspecify.annotations.NullMarked;
