// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.time.Duration;

/**
 * One thing that is followed from picture to picture.
 *
 * @param id counts from 1; never given again by the same tracker
 * @param label the name of its class
 * @param box where it is, or is thought to be while it is not seen
 * @param score of its last detection
 * @param first when it was first seen, in the source's time
 * @param last when it was last seen, in the source's time
 * @param hits in how many pictures it was seen
 * @param confirmed true once it was seen often enough to be taken for real
 * @param seen whether it is in the last picture
 */
public record Track(
        long id,
        String label,
        Box box,
        float score,
        Duration first,
        Duration last,
        int hits,
        boolean confirmed,
        boolean seen) {}
