// SPDX-License-Identifier: Apache-2.0
/** What runs inside a package's first bundle, before anything is changed. */
@NullMarked
package io.edgewright.packages.guard;

import org.jspecify.annotations.NullMarked;
