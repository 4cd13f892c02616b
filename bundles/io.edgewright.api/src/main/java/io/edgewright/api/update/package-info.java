// SPDX-License-Identifier: Apache-2.0
/** Where updates come from and the agent that applies them. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.update;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
