// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import io.edgewright.api.health.HealthCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.MetaTypeService;

/** Says which configurations came past the forms with values that do not fit: by a snapshot or from the cloud. */
@Component(name = FormHealth.NAME, service = HealthCheck.class, property = "kura.ui.service.hide=true")
public final class FormHealth implements HealthCheck {

    static final String NAME = "io.edgewright.kura.bridge.health";

    private final KuraConfigurations configurations;
    private final Forms forms;

    /**
     * Called by Declarative Services.
     *
     * @param context knows the bundles
     * @param admin where Kura puts the configurations
     * @param types knows the forms of the bundles
     */
    @Activate
    public FormHealth(BundleContext context, @Reference ConfigurationAdmin admin, @Reference MetaTypeService types) {
        this.configurations = new KuraConfigurations(admin);
        this.forms = new Forms(types, context);
    }

    @Override
    public String name() {
        return "settings";
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        try {
            for (Configuration configuration : configurations.all()) {
                add(configuration, findings);
            }
        } catch (IOException e) {
            findings.add(new Finding(
                    Severity.WARNING,
                    "configurations",
                    "they cannot be read: " + e.getMessage(),
                    "see the log of ConfigurationAdmin"));
        }
        return List.copyOf(findings);
    }

    private void add(Configuration configuration, List<Finding> findings) {
        KuraConfigurations.Key key = KuraConfigurations.Key.of(configuration);
        forms.find(key.formPid())
                .map(form -> FormCheck.problems(form, KuraConfigurations.values(configuration)))
                .orElse(List.of())
                .forEach(problem -> findings.add(
                        new Finding(Severity.WARNING, key.kuraPid(), problem, "correct it in Kura's console")));
    }
}
