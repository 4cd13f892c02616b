// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.model.ModelManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sets the demo up the way an integrator would: one model, one deployment, one camera, one application. */
final class DemoSetup {

    /** The name of the camera, the deployment and the application. */
    static final String NAME = "shop";

    /** The model's name in the store, whatever the files are called. */
    static final String MODEL = "shop-detector";

    private final Gateway gateway;
    private final Path first;
    private final Path next;

    /**
     * Finds the models.
     *
     * @param gateway to set up
     * @param request may name other models
     * @param install the gateway's folder
     */
    DemoSetup(Gateway gateway, Request request, Optional<Path> install) {
        this.gateway = gateway;
        this.first = model(request, "model", install, "1.0.0");
        this.next = model(request, "next-model", install, "1.1.0");
    }

    void serveFirst() throws InterruptedException {
        gateway.configure("io.edgewright.rest", "", Map.of("anonymous.role", "viewer"));
        ModelManifest model = add(first, "1.0.0");
        gateway.serve(model, NAME, Map.of("version", "latest", "trusted", true));
        gateway.configure("io.edgewright.source.shop", NAME, Map.of("name", NAME, "customers.per.minute", 20.0));
        gateway.configure("io.edgewright.app.retail", NAME, Map.of("name", NAME, "source", NAME, "deployment", NAME));
    }

    /** Puts the next version into the store; the deployment wants the latest and swaps it in by itself. */
    void addNext() {
        add(next, "1.1.0");
    }

    private ModelManifest add(Path source, String version) {
        return gateway.addModel(source, Optional.of(MODEL), Optional.of(version), Map.of());
    }

    private static Path model(Request request, String option, Optional<Path> install, String version) {
        Optional<Path> given = request.file(option);
        Path path = given.orElseGet(() -> install.orElseThrow(() -> new IllegalStateException(
                        "the framework property edgewright.install is not set, expected the gateway's folder"))
                .resolve("models")
                .resolve(MODEL)
                .resolve(version));
        if (!Files.exists(path)) {
            throw new IllegalStateException("there is no model at " + path + "; name one with --" + option
                    + List.of("model", "next-model").stream()
                            .filter(o -> !o.equals(option))
                            .map(o -> " (and --" + o + ")")
                            .findFirst()
                            .orElse(""));
        }
        return path;
    }
}
