// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

/**
 * Whether queued requests of a version run as batches.
 *
 * @param most the largest batch that pays; 1 for none
 * @param figures what was measured, for people; empty if nothing was
 */
record Batching(int most, String figures) {

    /** One by one. */
    static final Batching NONE = new Batching(1, "");
}
