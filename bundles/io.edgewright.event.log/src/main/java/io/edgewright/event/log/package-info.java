// SPDX-License-Identifier: Apache-2.0
/** Events in the gateway's log. */
@NullMarked
package io.edgewright.event.log;

import org.jspecify.annotations.NullMarked;
