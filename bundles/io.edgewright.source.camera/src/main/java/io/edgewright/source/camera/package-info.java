// SPDX-License-Identifier: Apache-2.0
/** Cameras, RTSP streams and video files as frame sources. */
@NullMarked
package io.edgewright.source.camera;

import org.jspecify.annotations.NullMarked;
