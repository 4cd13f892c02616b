// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import java.util.Map;
import org.osgi.util.converter.Converters;

/** Makes component configurations for tests as Declarative Services would: real names, real defaults. */
public final class Configs {

    private Configs() {}

    /**
     * {@return a configuration}
     *
     * @param type the component's {@code Config} annotation
     * @param properties what is set; the rest gets its defaults
     * @param <C> the annotation's type
     */
    public static <C> C of(Class<C> type, Map<String, Object> properties) {
        return Converters.standardConverter().convert(properties).to(type);
    }
}
