// SPDX-License-Identifier: Apache-2.0
/** Makes variants of models with passes, measures them on their device, and keeps what passes the gate. */
@NullMarked
package io.edgewright.optimizer;

import org.jspecify.annotations.NullMarked;
