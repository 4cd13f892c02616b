// SPDX-License-Identifier: Apache-2.0
/** Writes the deployment packages for Eclipse Kura from the features. */
@NullMarked
package io.edgewright.packages;

import org.jspecify.annotations.NullMarked;
