// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a model a deployment wants: {@code latest}, an exact version such as {@code 1.1.0}, or a range such as
 * {@code [1.0,2.0)} (interval notation, as in OSGi and Maven; either end may be empty).
 */
public final class VersionRule {

    /** The newest release. */
    public static final VersionRule LATEST = new VersionRule("latest", null, true, null, true, null);

    private final String text;
    private final @Nullable ModelVersion floor;
    private final boolean floorIncluded;
    private final @Nullable ModelVersion ceiling;
    private final boolean ceilingIncluded;
    private final @Nullable ModelVersion least;

    private VersionRule(
            String text,
            @Nullable ModelVersion floor,
            boolean floorIncluded,
            @Nullable ModelVersion ceiling,
            boolean ceilingIncluded,
            @Nullable ModelVersion least) {
        this.text = text;
        this.floor = floor;
        this.floorIncluded = floorIncluded;
        this.ceiling = ceiling;
        this.ceilingIncluded = ceilingIncluded;
        this.least = least;
    }

    /**
     * {@return the parsed rule}
     *
     * @param text {@code latest} (or blank), a version, or a range
     * @throws IllegalArgumentException if it is none of these; the message says what was found
     */
    public static VersionRule parse(String text) {
        String rule = text.strip();
        if (rule.isEmpty() || rule.equals("latest")) {
            return LATEST;
        }
        char first = rule.charAt(0);
        if (first != '[' && first != '(') {
            ModelVersion exact = ModelVersion.parse(rule);
            return new VersionRule(rule, exact, true, exact, true, null);
        }
        char last = rule.charAt(rule.length() - 1);
        String[] ends = rule.substring(1, Math.max(1, rule.length() - 1)).split(",", -1);
        if ((last != ']' && last != ')') || ends.length != 2) {
            throw new IllegalArgumentException(
                    "version rule '" + text + "' is not latest, a version, or a range like [1.0,2.0)");
        }
        return new VersionRule(rule, end(ends[0]), first == '[', end(ends[1]), last == ']', null);
    }

    /**
     * {@return this rule with a floor: no version below it satisfies the rule, whatever else the rule says}
     *
     * @param version the floor
     */
    public VersionRule atLeast(ModelVersion version) {
        return new VersionRule(text + ", at least " + version, floor, floorIncluded, ceiling, ceilingIncluded, version);
    }

    /**
     * {@return true if the version is below the floor of this rule, so that it must not be gone back to either}
     *
     * @param version any version
     */
    public boolean forbids(ModelVersion version) {
        return least != null && version.compareTo(least) < 0;
    }

    /**
     * {@return true if some version that is not below another could satisfy this rule}
     *
     * @param version the other
     */
    public boolean reaches(ModelVersion version) {
        return ceiling == null || ceiling.compareTo(version) > (ceilingIncluded ? -1 : 0);
    }

    /**
     * {@return true if the version satisfies this rule; a pre-release satisfies only a rule that names it exactly}
     *
     * @param version any version
     */
    public boolean matches(ModelVersion version) {
        if (forbids(version)) {
            return false;
        }
        if (version.isPreRelease() && !(floor != null && floor.equals(ceiling) && floor.equals(version))) {
            return false;
        }
        boolean above = floor == null || version.compareTo(floor) > (floorIncluded ? -1 : 0);
        boolean below = ceiling == null || version.compareTo(ceiling) < (ceilingIncluded ? 1 : 0);
        return above && below;
    }

    /**
     * {@return the newest of the versions that satisfies this rule}
     *
     * @param versions in any order
     */
    public Optional<ModelVersion> newest(Collection<ModelVersion> versions) {
        return versions.stream().filter(this::matches).max(Comparator.naturalOrder());
    }

    /** {@return the text it was parsed from, {@code latest} if that was blank; and its floor} */
    @Override
    public String toString() {
        return text;
    }

    private static @Nullable ModelVersion end(String text) {
        return text.isBlank() ? null : ModelVersion.parse(text.strip());
    }
}
