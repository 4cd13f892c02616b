// SPDX-License-Identifier: Apache-2.0
/** What an operator must act on. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.api.health;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
