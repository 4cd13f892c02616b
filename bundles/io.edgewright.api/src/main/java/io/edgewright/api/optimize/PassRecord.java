// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * Where one step of a variant comes from, and what it did.
 *
 * @param step the pass with all its parameters
 * @param inputDigest SHA-256 of the model before
 * @param outputDigest SHA-256 of the model after
 * @param millis how long it took, in milliseconds
 * @param result what the pass says
 */
public record PassRecord(PassStep step, String inputDigest, String outputDigest, long millis, PassResult result) {}
