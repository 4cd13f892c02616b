// SPDX-License-Identifier: Apache-2.0
/** What applications call: predictors, and what a deployment is and does. */
@Export
@Version("1.2.0")
@NullMarked
package io.edgewright.api.inference;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
