// SPDX-License-Identifier: Apache-2.0
/** Contracts that every driver and store is tested with, and small models made on the spot. */
@NullMarked
package io.edgewright.testkit;

import org.jspecify.annotations.NullMarked;
