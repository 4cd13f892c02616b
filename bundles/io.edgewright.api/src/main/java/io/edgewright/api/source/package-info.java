// SPDX-License-Identifier: Apache-2.0
/** Where frames come from: cameras, files, renderers. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.api.source;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
