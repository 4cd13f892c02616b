// SPDX-License-Identifier: Apache-2.0
/** What an optimization pass implements: a file goes in, a better file comes out. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.api.optimize;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
