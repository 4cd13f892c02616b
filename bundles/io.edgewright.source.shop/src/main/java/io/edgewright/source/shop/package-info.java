// SPDX-License-Identifier: Apache-2.0
/** A rendered shop as a frame source, for machines without a camera. */
@NullMarked
package io.edgewright.source.shop;

import org.jspecify.annotations.NullMarked;
