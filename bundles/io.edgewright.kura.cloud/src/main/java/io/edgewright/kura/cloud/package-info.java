// SPDX-License-Identifier: Apache-2.0
/** Remote management over Kura's cloud connections. */
@NullMarked
package io.edgewright.kura.cloud;

import org.jspecify.annotations.NullMarked;
