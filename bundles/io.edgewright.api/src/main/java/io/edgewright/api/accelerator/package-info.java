// SPDX-License-Identifier: Apache-2.0
/** What an accelerator driver implements. Every interface here is an extension point. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.accelerator;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
