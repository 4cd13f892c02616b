// SPDX-License-Identifier: Apache-2.0
/** Contracts that every driver and store is tested with, and small models made on the spot. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.testkit;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
