// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.List;
import java.util.Optional;

/**
 * One command of the command line.
 *
 * @param name its first word
 * @param synopsis its arguments as the help shows them
 * @param help what it does, in one line
 * @param least how many arguments it takes at least
 * @param most how many at most
 * @param options those it takes
 */
record Command(String name, String synopsis, String help, int least, int most, List<Option> options) {

    /** Copies. */
    Command {
        options = List.copyOf(options);
    }

    Optional<Option> option(String wanted) {
        return options.stream().filter(o -> o.name().equals(wanted)).findFirst();
    }

    String usage() {
        return "edgewright " + name + (synopsis.isEmpty() ? "" : " " + synopsis);
    }
}
