// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComponentHealthTest {

    @Test
    void namesTheSettingThatTheComponentRefused() {
        var trace = """
                java.lang.reflect.InvocationTargetException
                \tat java.base/Constructor.newInstance(Constructor.java:1)
                Caused by: java.lang.IllegalArgumentException: zone 'till' has 1 point, expected 3 or more
                \tat io.edgewright.app.retail.RetailApp.<init>(RetailApp.java:1)
                """;
        assertThat(ComponentHealth.reason(trace)).isEqualTo("zone 'till' has 1 point, expected 3 or more");
    }

    @Test
    void takesTheFirstLineWhereThereIsNoCause() {
        assertThat(ComponentHealth.reason("java.lang.IllegalArgumentException: fps is 0, expected 1 to 60\n\tat x.Y"))
                .isEqualTo("fps is 0, expected 1 to 60");
    }

    @Test
    void saysSoWhereNothingIsKnown() {
        assertThat(ComponentHealth.reason("")).contains("see the log");
    }
}
