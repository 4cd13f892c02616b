// SPDX-License-Identifier: Apache-2.0
/** Settings, the folder where everything durable lives, and writing to it safely. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.config;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
