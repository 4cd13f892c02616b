// SPDX-License-Identifier: Apache-2.0
/** Runs graphs that a pass has written, on this machine's processor, over samples that it keeps on disk. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.onnxruntime.graph;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
