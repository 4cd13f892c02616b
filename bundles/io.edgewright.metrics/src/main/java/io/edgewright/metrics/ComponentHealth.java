// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.health.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Says which configurations their components refused: such a camera or application is just not there. */
@Component(
        name = ComponentHealth.PID,
        service = HealthCheck.class,
        immediate = true,
        property = "kura.ui.service.hide:Boolean=true")
public final class ComponentHealth implements HealthCheck {

    static final String PID = "io.edgewright.metrics.components";

    private final ServiceComponentRuntime runtime;

    /** @param runtime knows every component */
    @Activate
    public ComponentHealth(@Reference ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "components";
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
            for (ComponentConfigurationDTO configured : runtime.getComponentConfigurationDTOs(component)) {
                if (configured.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                    findings.add(finding(component.name, configured));
                }
            }
        }
        return List.copyOf(findings);
    }

    private static Finding finding(String component, ComponentConfigurationDTO configured) {
        Map<String, Object> properties = configured.properties;
        Object name = properties.getOrDefault("name", "");
        return new Finding(
                Severity.CRITICAL,
                name.equals("") ? component : component + " " + name,
                "its configuration was refused: " + reason(configured.failure),
                "correct that setting, or remove the configuration");
    }

    /** {@return the message of the innermost cause in a stack trace, which is where the setting is named} */
    static String reason(String stackTrace) {
        String reason = "no reason is known; see the log";
        for (String line : stackTrace.lines().map(String::strip).toList()) {
            boolean cause = line.startsWith("Caused by: ");
            if (cause || (!line.isEmpty() && reason.startsWith("no reason") && !line.startsWith("at "))) {
                String text = cause ? line.substring("Caused by: ".length()) : line;
                reason = text.replaceFirst("^[\\w.$]+(Exception|Error): ", "");
            }
        }
        return reason;
    }
}
