// SPDX-License-Identifier: Apache-2.0
/** Tensors and their descriptions. Data is row-major (C order), direct, native byte order. */
@Export
@Version("1.1.0")
@NullMarked
package io.edgewright.api.tensor;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
