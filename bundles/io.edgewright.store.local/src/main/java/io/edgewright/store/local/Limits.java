// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

/**
 * How much a store takes.
 *
 * @param modelBytes the most that one model may have, packed and unpacked
 * @param freeBytes what must stay free on the disk
 * @param verifyAlways true: digests are computed at each opening, false: when a file is opened first or has changed
 */
record Limits(long modelBytes, long freeBytes, boolean verifyAlways) {

    /** How many files a package may have. */
    static final int FILES = 10_000;

    /** Compressed data that grows more than this is a bomb: weights hardly compress at all. */
    static final int ZIP_RATIO = 100;

    /** Below this size a package may compress as well as it likes. */
    static final long ZIP_RATIO_FROM = 16L << 20;

    static Limits of(LocalModelStore.Config config) {
        return new Limits(
                mib("max.model.mib", config.max_model_mib(), 1),
                mib("min.free.mib", config.min_free_mib(), 0),
                config.verify_always());
    }

    private static long mib(String setting, long value, long least) {
        if (value < least || value > Long.MAX_VALUE >> 24) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " or more");
        }
        return value << 20;
    }
}
