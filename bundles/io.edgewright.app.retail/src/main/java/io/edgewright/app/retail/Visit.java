// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import java.time.Duration;

/**
 * A visit that is over.
 *
 * @param number counts the visits of the zone from 1
 * @param zone its name; empty for the whole picture
 * @param label what visited
 * @param track the id of the track that it ended with
 * @param start in the source's time
 * @param end when it was last seen there, in the source's time
 */
record Visit(long number, String zone, String label, long track, Duration start, Duration end) {

    Duration dwell() {
        return end.minus(start);
    }
}
