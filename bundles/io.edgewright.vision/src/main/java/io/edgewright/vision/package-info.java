// SPDX-License-Identifier: Apache-2.0
/** Pictures to tensors and tensors to boxes: pre-processing, decoders, tracking, zones. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.vision;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
