// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells from the code of a model whether a run changes it: whether a statement sets an attribute, as {@code self._state = out},
 * or changes the value of one in place, as {@code torch.copy_(buffer, x)} after {@code buffer = self.buffer}. It says yes too often
 * rather than too seldom: names count wherever they were given.
 */
final class Changes {

    /** Counts batches in training only, but the statement stands in the code of every batch normalization. */
    private static final String TRAINING_ONLY = "num_batches_tracked";

    private static final Pattern SETS = Pattern.compile("^ {4,}[\\w().]+\\.(\\w+) = ");
    private static final Pattern READS = Pattern.compile("^ {4,}(\\w+) = [\\w().]+\\.(\\w+)$");
    private static final Pattern IN_PLACE =
            Pattern.compile("\\b(?:torch|ops\\.\\w+)\\.(?:\\w+_|append|extend|insert|pop|_set_item|clear|remove)\\(");
    private static final Pattern WORD = Pattern.compile("\\w+");

    private Changes() {}

    /** {@return true if a run may change the module, or one within it} */
    static boolean within(String code) {
        Set<String> attributes = new HashSet<>();
        for (String line : (Iterable<String>) code.lines()::iterator) {
            Matcher sets = SETS.matcher(line);
            if (sets.lookingAt() && !sets.group(1).equals(TRAINING_ONLY)) {
                return true;
            }
            Matcher reads = READS.matcher(line);
            if (reads.lookingAt() && !reads.group(2).equals(TRAINING_ONLY)) {
                attributes.add(reads.group(1));
            }
        }
        return code.lines().anyMatch(line -> changesInPlace(line, attributes));
    }

    private static boolean changesInPlace(String line, Set<String> attributes) {
        Matcher call = IN_PLACE.matcher(line);
        if (!call.find()) {
            return false;
        }
        Matcher word = WORD.matcher(line);
        for (int from = call.end(); word.find(from); from = word.end()) {
            if (attributes.contains(word.group())) {
                return true;
            }
        }
        return line.indexOf("self.", call.end()) >= 0 && !line.contains("." + TRAINING_ONLY);
    }
}
