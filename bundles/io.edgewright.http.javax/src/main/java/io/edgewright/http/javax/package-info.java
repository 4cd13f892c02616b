// SPDX-License-Identifier: Apache-2.0
/** Hands requests of a javax servlet container to the dispatcher. */
@NullMarked
package io.edgewright.http.javax;

import org.jspecify.annotations.NullMarked;
