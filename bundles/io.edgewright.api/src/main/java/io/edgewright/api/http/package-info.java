// SPDX-License-Identifier: Apache-2.0
/** HTTP without servlets: handlers, and the one dispatcher that servlet adapters call. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.http;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
