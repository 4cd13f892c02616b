// SPDX-License-Identifier: Apache-2.0
/** Models, their manifests and the stores that keep them. */
@Export
@Version("1.2.0")
@NullMarked
package io.edgewright.api.model;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
