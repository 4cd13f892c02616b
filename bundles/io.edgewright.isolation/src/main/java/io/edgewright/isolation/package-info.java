// SPDX-License-Identifier: Apache-2.0
/**
 * Engines in processes of their own. {@link io.edgewright.isolation.EngineMain} is what runs there.
 *
 * <p>The protocol. The child listens on a Unix domain socket; a connection carries one conversation of requests and replies, one
 * after the other, so that nobody waits for another and no reply needs a number. The first connection starts the engine
 * and later only tells what to cancel; one more for each model and each slot. A connection's end closes what it opened. A message
 * is a 4-byte length, a byte that tells what it is ({@link io.edgewright.isolation.Wire}), and values as
 * {@link io.edgewright.isolation.WireWriter} puts them. Tensors of a known size lie in memory that both processes
 * have mapped ({@link io.edgewright.isolation.Region}): a run is one short message each way.
 */
@NullMarked
package io.edgewright.isolation;

import org.jspecify.annotations.NullMarked;
