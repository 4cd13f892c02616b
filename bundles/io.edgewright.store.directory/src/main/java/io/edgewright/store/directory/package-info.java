// SPDX-License-Identifier: Apache-2.0
/** A model store over a Triton-style folder. */
@NullMarked
package io.edgewright.store.directory;

import org.jspecify.annotations.NullMarked;
