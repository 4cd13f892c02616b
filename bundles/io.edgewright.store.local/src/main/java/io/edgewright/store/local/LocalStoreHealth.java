// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.health.HealthCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Tells of damaged models and of a disk that is nearly full. */
@Component(
        name = LocalModelStore.PID + ".health",
        service = HealthCheck.class,
        property = "kura.ui.service.hide:Boolean=true")
public final class LocalStoreHealth implements HealthCheck {

    private static final long NEARLY = 512L << 20;

    private final LocalModelStore store;

    @Activate
    public LocalStoreHealth(@Reference LocalModelStore store) {
        this.store = store;
    }

    @Override
    public String name() {
        return "models";
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        store.damaged()
                .forEach((model, message) -> findings.add(new Finding(
                        Severity.CRITICAL,
                        "model " + model,
                        message,
                        "add the model again, or remove it; check the disk")));
        String subject = "disk of " + store.folder();
        if (!Files.isWritable(store.folder())) {
            findings.add(new Finding(
                    Severity.CRITICAL,
                    subject,
                    "it cannot be written: nothing can be stored or changed, what is loaded serves on",
                    "check the disk: a system makes a damaged one read-only"));
        }
        try {
            long free = store.freeBytes();
            if (free < NEARLY) {
                findings.add(new Finding(
                        free <= 0 ? Severity.CRITICAL : Severity.WARNING,
                        subject,
                        "%d MiB may still be written before the limit min.free.mib".formatted(Math.max(0, free >> 20)),
                        "remove models that are not needed, or other data"));
            }
        } catch (IOException e) {
            findings.add(new Finding(Severity.CRITICAL, subject, "it cannot be read: " + e, "check the disk"));
        }
        return findings;
    }
}
