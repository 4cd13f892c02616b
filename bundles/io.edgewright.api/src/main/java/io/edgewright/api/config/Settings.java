// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The one way to create, change and delete configurations: ConfigurationAdmin on a plain gateway, Kura's
 * ConfigurationService in Kura (what bypasses that is lost at its next start). Thread-safe. A change is durable when the
 * call returns; components see it a little later, on another thread.
 *
 * <p>Values are String, Boolean, Byte, Character, Short, Integer, Long, Float, Double, or an array of one of them.
 */
@ProviderType
public interface Settings {

    /**
     * One configuration.
     *
     * @param pid identifies it in {@link #update} and {@link #delete}; opaque
     * @param factoryPid the factory it is an instance of, or the pid itself for a singleton
     * @param name the instance's name within its factory; empty for a singleton
     * @param values what is set, without the keys that are {@linkplain SettingValues#isReserved reserved}
     */
    record Entry(String pid, String factoryPid, String name, Map<String, Object> values) {

        /** Copies. */
        public Entry {
            values = Map.copyOf(values);
        }
    }

    /**
     * {@return all instances of a factory, by name; or the singleton of that pid, if it has a configuration}
     *
     * @param factoryPid such as {@code io.edgewright.deployment}
     * @throws IOException if the configurations could not be read
     */
    List<Entry> list(String factoryPid) throws IOException;

    /**
     * {@return the instance of that name}
     *
     * @param factoryPid the factory, or a singleton's pid
     * @param name the instance's name; empty for a singleton
     * @throws IOException if the configurations could not be read
     */
    default Optional<Entry> find(String factoryPid, String name) throws IOException {
        return list(factoryPid).stream().filter(e -> e.name().equals(name)).findFirst();
    }

    /**
     * Creates an instance of a factory, or the configuration of a singleton.
     *
     * @param factoryPid the factory, or a singleton's pid
     * @param name letters, digits, {@code . _ -}, at most 100; empty for a singleton
     * @param values what to set; the rest gets its defaults
     * @return the new configuration
     * @throws IllegalArgumentException if the name is malformed or taken, or a value's type is not allowed
     * @throws IOException if it could not be stored
     */
    Entry create(String factoryPid, String name, Map<String, Object> values) throws IOException;

    /**
     * Sets some values of a configuration and leaves the others as they are.
     *
     * @param pid from an {@link Entry}
     * @param values what to set
     * @throws IllegalArgumentException if there is no such configuration, or a value's type is not allowed
     * @throws IOException if it could not be stored
     */
    void update(String pid, Map<String, Object> values) throws IOException;

    /**
     * Deletes a configuration; its component goes away.
     *
     * @param pid from an {@link Entry}; an absent one is fine
     * @throws IOException if it could not be deleted
     */
    void delete(String pid) throws IOException;
}
