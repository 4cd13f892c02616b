// SPDX-License-Identifier: Apache-2.0
/** Events of the gateway and of its applications, and where they go. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.event;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
