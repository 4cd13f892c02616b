// SPDX-License-Identifier: Apache-2.0
/** Where log lines go: standard error and a rotating file. The bundles' SLF4J and OSGi log both end here. */
@NullMarked
package io.edgewright.launcher.log;

import org.jspecify.annotations.NullMarked;
