// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.Collection;
import java.util.Comparator;

/** Guesses what somebody meant to type. */
final class Suggestion {

    private Suggestion() {}

    /** {@return {@code , did you mean 'x'?} with the nearest of the words, or nothing if none is near} */
    static String text(String typed, Collection<String> words) {
        return words.stream()
                .filter(w -> w.startsWith(typed) || distance(typed, w) <= Math.max(1, typed.length() / 3))
                .min(Comparator.comparingInt(w -> distance(typed, w)))
                .map(w -> ", did you mean '" + w + "'?")
                .orElse("");
    }

    /** The number of letters to insert, delete or replace (V. Levenshtein, 1965). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
