// SPDX-License-Identifier: Apache-2.0
/**
 * What an optimization pass implements (a file goes in, a better file comes out), and what the optimizer offers that runs,
 * measures and judges passes.
 */
@Export
@Version("2.1.0")
@NullMarked
package io.edgewright.api.optimize;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
