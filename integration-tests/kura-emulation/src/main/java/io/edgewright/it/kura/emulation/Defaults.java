// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.kura.configuration.Password;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.ObjectClassDefinition;

/** The defaults of a form with the types that it says. */
final class Defaults {

    private Defaults() {}

    static Map<String, Object> of(ObjectClassDefinition form) {
        Map<String, Object> defaults = new HashMap<>();
        for (AttributeDefinition attribute : form.getAttributeDefinitions(ObjectClassDefinition.ALL)) {
            String[] texts = attribute.getDefaultValue();
            if (texts == null) {
                continue;
            }
            Function<String, Object> parser = parser(attribute.getType());
            if (attribute.getCardinality() == 0) {
                defaults.put(attribute.getID(), parser.apply(texts.length == 0 ? "" : texts[0]));
            } else if (texts.length > 0) {
                Object array = Array.newInstance(parser.apply(texts[0]).getClass(), texts.length);
                for (int i = 0; i < texts.length; i++) {
                    Array.set(array, i, parser.apply(texts[i]));
                }
                defaults.put(attribute.getID(), array);
            }
        }
        return defaults;
    }

    private static Function<String, Object> parser(int type) {
        return switch (type) {
            case AttributeDefinition.BOOLEAN -> Boolean::valueOf;
            case AttributeDefinition.BYTE -> Byte::valueOf;
            case AttributeDefinition.CHARACTER -> text -> text.charAt(0);
            case AttributeDefinition.SHORT -> Short::valueOf;
            case AttributeDefinition.INTEGER -> Integer::valueOf;
            case AttributeDefinition.LONG -> Long::valueOf;
            case AttributeDefinition.FLOAT -> Float::valueOf;
            case AttributeDefinition.DOUBLE -> Double::valueOf;
            case AttributeDefinition.PASSWORD -> Password::new;
            default -> text -> text;
        };
    }
}
