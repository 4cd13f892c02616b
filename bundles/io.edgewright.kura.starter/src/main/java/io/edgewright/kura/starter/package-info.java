// SPDX-License-Identifier: Apache-2.0
/** Lets deployment packages arrive in any order. */
@NullMarked
package io.edgewright.kura.starter;

import org.jspecify.annotations.NullMarked;
