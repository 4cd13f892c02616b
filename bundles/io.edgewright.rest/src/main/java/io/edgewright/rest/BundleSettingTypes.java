// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/** Reads from the metatype of the active bundles what can be configured. */
final class BundleSettingTypes {

    private static final Map<Integer, Class<?>> KINDS = Map.of(
            AttributeDefinition.BOOLEAN, Boolean.class,
            AttributeDefinition.BYTE, Byte.class,
            AttributeDefinition.CHARACTER, Character.class,
            AttributeDefinition.SHORT, Short.class,
            AttributeDefinition.INTEGER, Integer.class,
            AttributeDefinition.LONG, Long.class,
            AttributeDefinition.FLOAT, Float.class,
            AttributeDefinition.DOUBLE, Double.class);

    private BundleSettingTypes() {}

    static List<SettingTypes.Type> of(MetaTypeService service) {
        var types = new TreeMap<String, SettingTypes.Type>();
        Bundle own = FrameworkUtil.getBundle(BundleSettingTypes.class);
        for (Bundle bundle : own.getBundleContext().getBundles()) {
            MetaTypeInformation information =
                    bundle.getState() == Bundle.ACTIVE ? service.getMetaTypeInformation(bundle) : null;
            if (information != null) {
                for (String pid : information.getPids()) {
                    types.put(pid, type(pid, false, information.getObjectClassDefinition(pid, null)));
                }
                for (String pid : information.getFactoryPids()) {
                    types.put(pid, type(pid, true, information.getObjectClassDefinition(pid, null)));
                }
            }
        }
        return List.copyOf(types.values());
    }

    private static SettingTypes.Type type(String pid, boolean factory, ObjectClassDefinition definition) {
        AttributeDefinition[] attributes = definition.getAttributeDefinitions(ObjectClassDefinition.ALL);
        return new SettingTypes.Type(
                pid,
                factory,
                text(definition.getName()),
                text(definition.getDescription()),
                Stream.of(attributes).map(BundleSettingTypes::setting).toList());
    }

    private static SettingTypes.Setting setting(AttributeDefinition attribute) {
        Class<?> kind = KINDS.getOrDefault(attribute.getType(), String.class);
        List<String> options = strings(attribute.getOptionValues());
        boolean ranged = Number.class.isAssignableFrom(kind); // texts are cut at commas before they are checked
        return new SettingTypes.Setting(
                attribute.getID(),
                text(attribute.getName()),
                text(attribute.getDescription()),
                kind,
                attribute.getCardinality() != 0,
                attribute.getType() == AttributeDefinition.PASSWORD,
                strings(attribute.getDefaultValue()),
                options,
                value -> !ranged
                        || Optional.ofNullable(attribute.validate(value))
                                .map(String::isEmpty)
                                .orElse(true));
    }

    private static List<String> strings(String @Nullable [] values) {
        return values == null ? List.of() : Arrays.asList(values);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
