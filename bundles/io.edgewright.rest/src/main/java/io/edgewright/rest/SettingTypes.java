// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.util.List;
import java.util.Optional;

/** What can be configured on this gateway, as the installed bundles describe it. */
interface SettingTypes {

    /**
     * What one PID takes.
     *
     * @param pid of the component or, for a factory, of all its instances
     * @param factory true if there are many instances, each with a name
     * @param title its name for people
     * @param description what it is for
     * @param settings what can be set
     */
    record Type(String pid, boolean factory, String title, String description, List<Setting> settings) {

        public Type {
            settings = List.copyOf(settings);
        }

        Optional<Setting> find(String key) {
            return settings.stream().filter(s -> s.key().equals(key)).findFirst();
        }
    }

    /**
     * One setting.
     *
     * @param key its name in the configuration
     * @param title its name for people
     * @param description what it does, in which unit and range
     * @param kind the type of a value
     * @param list true if it takes any number of values
     * @param secret true if its value is never shown
     * @param defaults its default values as text
     * @param options the only values there are; empty for any
     * @param check tells of a text whether it is in the setting's range
     */
    record Setting(
            String key,
            String title,
            String description,
            Class<?> kind,
            boolean list,
            boolean secret,
            List<String> defaults,
            List<String> options,
            Check check) {

        public Setting {
            defaults = List.copyOf(defaults);
            options = List.copyOf(options);
        }
    }

    /** Knows the range of a setting. */
    @FunctionalInterface
    interface Check {
        boolean fits(String text);
    }

    /**
     * {@return everything that can be configured, by PID}
     *
     * @throws HttpProblem 503 if nobody can tell
     */
    List<Type> all() throws HttpProblem;
}
