// SPDX-License-Identifier: Apache-2.0
/** The content-addressed model store below edgewright.home. */
@NullMarked
package io.edgewright.store.local;

import org.jspecify.annotations.NullMarked;
