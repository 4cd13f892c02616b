// SPDX-License-Identifier: Apache-2.0
/** The agent that applies updates: for now it fetches models and stores them. */
@NullMarked
package io.edgewright.update;

import org.jspecify.annotations.NullMarked;
