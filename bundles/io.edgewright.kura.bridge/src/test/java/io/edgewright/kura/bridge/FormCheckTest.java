// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.ObjectClassDefinition;

final class FormCheckTest {

    private static final ObjectClassDefinition FORM = new Form(List.of(
            new Attribute("instances", AttributeDefinition.INTEGER, 0, null),
            new Attribute("name", AttributeDefinition.STRING, 0, null),
            new Attribute("rollout", AttributeDefinition.STRING, 0, new String[] {"immediate", "canary"}),
            new Attribute("accelerators", AttributeDefinition.STRING, 100, null),
            new Attribute("password", AttributeDefinition.PASSWORD, 0, null)));

    @Test
    void takesWhatFits() {
        Map<String, Object> values = Map.of(
                "instances",
                2,
                "name",
                "a,b",
                "rollout",
                "canary",
                "accelerators",
                new String[] {"cpu"},
                "password",
                "x");
        assertThat(FormCheck.problems(FORM, values)).isEmpty();
        assertThat(FormCheck.problems(FORM, Map.of("kura.extra", 5))).isEmpty();
    }

    @Test
    void namesTypesThatKuraLetsThrough() {
        assertThat(FormCheck.problems(FORM, Map.of("instances", "2")))
                .containsExactly("'instances' is String '2', expected a value of type Integer");
        assertThat(FormCheck.problems(FORM, Map.of("accelerators", "cpu")))
                .containsExactly("'accelerators' is String 'cpu', expected a list of String");
        assertThat(FormCheck.problems(FORM, Map.of("instances", new Integer[] {1})))
                .containsExactly("'instances' is Integer[] [1], expected a value of type Integer");
    }

    @Test
    void namesValuesThatAreOutOfRange() {
        assertThat(FormCheck.problems(FORM, Map.of("instances", -1)))
                .containsExactly("'instances' is Integer '-1', expected a value in its range (less than 0)");
        assertThat(FormCheck.problems(FORM, Map.of("rollout", "later")))
                .containsExactly("'rollout' is String 'later', expected one of immediate, canary");
    }

    @Test
    void showsNoPassword() {
        assertThat(FormCheck.problems(FORM, Map.of("password", 1234)))
                .containsExactly("'password' is of type Integer, expected a value of type String");
    }

    private record Attribute(String id, int type, int cardinality, String @Nullable [] options)
            implements AttributeDefinition {
        @Override
        public String getName() {
            return id;
        }

        @Override
        public String getID() {
            return id;
        }

        @Override
        public String getDescription() {
            return id;
        }

        @Override
        public int getCardinality() {
            return cardinality;
        }

        @Override
        public int getType() {
            return type;
        }

        @Override
        public String @Nullable [] getOptionValues() {
            return options;
        }

        @Override
        public String @Nullable [] getOptionLabels() {
            return options;
        }

        @Override
        public String validate(String value) {
            return value.startsWith("-") ? "less than 0" : "";
        }

        @Override
        public String @Nullable [] getDefaultValue() {
            return null;
        }
    }

    private record Form(List<AttributeDefinition> attributes) implements ObjectClassDefinition {
        @Override
        public String getName() {
            return "form";
        }

        @Override
        public String getID() {
            return "form";
        }

        @Override
        public String getDescription() {
            return "form";
        }

        @Override
        public AttributeDefinition[] getAttributeDefinitions(int filter) {
            return attributes.toArray(new AttributeDefinition[0]);
        }

        @Override
        public @Nullable InputStream getIcon(int size) {
            return null;
        }
    }
}
