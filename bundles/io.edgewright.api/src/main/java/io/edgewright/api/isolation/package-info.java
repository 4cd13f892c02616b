// SPDX-License-Identifier: Apache-2.0
/** Running an engine in a process of its own: to try what may crash, and to outlive what does. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.api.isolation;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
