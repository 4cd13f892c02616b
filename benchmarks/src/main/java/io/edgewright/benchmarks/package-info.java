// SPDX-License-Identifier: Apache-2.0
/** How fast Edgewright is, compared with what it stands on and with its peers. */
@NullMarked
package io.edgewright.benchmarks;

import org.jspecify.annotations.NullMarked;
