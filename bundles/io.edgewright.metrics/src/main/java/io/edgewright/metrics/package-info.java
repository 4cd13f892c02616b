// SPDX-License-Identifier: Apache-2.0
/** Prometheus metrics and health. */
@NullMarked
package io.edgewright.metrics;

import org.jspecify.annotations.NullMarked;
