// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model's version: 1 to 3 numbers and an optional pre-release tag, such as {@code 1.1.0}, {@code 2.0.0-rc.1} or
 * {@code 3} (the folder names of a Triton repository). Ordered as Semantic Versioning 2.0.0 orders them, missing numbers
 * being 0, so {@code 3} equals {@code 3.0.0}.
 */
public final class ModelVersion implements Comparable<ModelVersion> {

    private static final Pattern SYNTAX = Pattern.compile(
            "(\\d{1,9})(?:\\.(\\d{1,9}))?(?:\\.(\\d{1,9}))?(?:-([0-9A-Za-z.-]{1,60}))?(?:\\+[0-9A-Za-z.-]{1,60})?");

    private final String text;
    private final int major;
    private final int minor;
    private final int patch;
    private final String preRelease;

    private ModelVersion(String text, Matcher matcher) {
        this.text = text;
        this.major = number(matcher.group(1));
        this.minor = number(matcher.group(2));
        this.patch = number(matcher.group(3));
        this.preRelease = matcher.group(4) == null ? "" : matcher.group(4);
    }

    /**
     * {@return the parsed version}
     *
     * @param text such as {@code 1.1.0}
     * @throws IllegalArgumentException if it is not a version; the message says what one looks like
     */
    public static ModelVersion parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("version '" + text + "' is not like 3, 1.1 or 2.0.0-rc.1");
        }
        return new ModelVersion(text, matcher);
    }

    /** {@return the first number} */
    public int major() {
        return major;
    }

    /** {@return true if it has a tag such as {@code -rc.1}; such a version is never the latest by itself} */
    public boolean isPreRelease() {
        return !preRelease.isEmpty();
    }

    @Override
    public int compareTo(ModelVersion other) {
        int order = Integer.compare(major, other.major);
        order = order != 0 ? order : Integer.compare(minor, other.minor);
        order = order != 0 ? order : Integer.compare(patch, other.patch);
        return order != 0 ? order : comparePreRelease(preRelease, other.preRelease);
    }

    /** Equal if neither is newer: {@code 3} equals {@code 3.0.0}. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelVersion that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * major + minor) + patch) + preRelease.hashCode();
    }

    /** {@return the text it was parsed from} */
    @Override
    public String toString() {
        return text;
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static int comparePreRelease(String a, String b) {
        if (a.isEmpty() || b.isEmpty()) {
            return Boolean.compare(a.isEmpty(), b.isEmpty()); // a release is newer than its pre-releases
        }
        String[] left = a.split("\\.", -1);
        String[] right = b.split("\\.", -1);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            int order = compareIdentifier(left[i], right[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length, right.length);
    }

    private static int compareIdentifier(String a, String b) {
        boolean aNumeric = a.matches("\\d+");
        boolean bNumeric = b.matches("\\d+");
        if (aNumeric && bNumeric) {
            return new BigInteger(a).compareTo(new BigInteger(b));
        }
        return aNumeric != bNumeric ? Boolean.compare(bNumeric, aNumeric) : a.compareTo(b);
    }
}
