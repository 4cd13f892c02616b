// SPDX-License-Identifier: Apache-2.0
/** Hands requests of a jakarta servlet container to the dispatcher. */
@NullMarked
package io.edgewright.http.jakarta;

import org.jspecify.annotations.NullMarked;
