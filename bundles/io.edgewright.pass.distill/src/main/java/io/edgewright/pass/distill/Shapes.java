// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import java.util.List;
import java.util.Map;

/**
 * The shapes of all values of a graph whose inputs have fixed ones.
 *
 * @param all by value
 */
record Shapes(Map<String, List<Long>> all) {

    Shapes {
        all = Map.copyOf(all);
    }

    /** {@return the shape of a value} */
    List<Long> of(String value) {
        List<Long> shape = all.get(value);
        if (shape == null) {
            throw new IllegalStateException("no shape of '" + value + "'");
        }
        return shape;
    }

    /** {@return true if the shape of a value is known} */
    boolean knows(String value) {
        return all.containsKey(value);
    }
}
