// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.SecretDecoder;
import io.edgewright.api.model.ModelFile;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server that speaks the Open Inference Protocol, version 2, as an accelerator. */
@Component(
        name = RemoteDriver.PID,
        service = AcceleratorDriver.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = RemoteDriver.Config.class, factory = true)
public final class RemoteDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.remote";

    private static final Logger LOG = LoggerFactory.getLogger(RemoteDriver.class);

    private final RemoteSettings settings;
    private final RemoteServer server;
    private final Monitor monitor;

    /** Replaced as a whole when a listener comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<AcceleratorListener> listeners = List.of();

    /** Settings of one server. */
    @ObjectClassDefinition(
            id = PID,
            name = "Remote accelerator",
            description =
                    "A server of the Open Inference Protocol v2 (Triton, OpenVINO Model Server, MLServer, KServe or"
                            + " another Edgewright) that runs models for this gateway.")
    public @interface Config {

        /** {@return the name} */
        @AttributeDefinition(
                name = "Name",
                description = "Unique on the gateway: a-z, 0-9, '.', '_', '-'. The device is remote:NAME.")
        String name() default "server";

        /** {@return the address} */
        @AttributeDefinition(
                name = "Address",
                description = "http://host:port or https://host:port, with a path if the server has one before /v2.")
        String url() default "http://localhost:8000";

        /** {@return the token; may be encrypted} */
        @AttributeDefinition(
                name = "Token",
                description = "Sent as 'Authorization: Bearer TOKEN'; empty if the server asks for none.",
                type = AttributeType.PASSWORD)
        String token() default "";

        /** {@return lines of name and value} */
        @AttributeDefinition(
                name = "Headers",
                description = "Further headers of every request, such as 'X-Tenant: line-3'.")
        String[] headers() default {};

        /** {@return a path} */
        @AttributeDefinition(
                name = "Trusted certificates",
                description = "PEM file of the certificates that issue the server's; empty for those that Java knows.")
        String tls_trust_file() default "";

        /** {@return a fingerprint} */
        @AttributeDefinition(
                name = "Pinned key",
                description = "sha256/... of the server's public key, in base64 or hexadecimal; without trusted"
                        + " certificates the key alone is trusted, whatever name its certificate has. Empty for none.")
        String tls_pin() default "";

        /** {@return which HTTP} */
        @AttributeDefinition(
                name = "HTTP",
                description = "auto: HTTP/2 if a server with https offers it, or HTTP/1.1. 1.1 takes the least time for"
                        + " one request; 2 takes one connection.",
                options = {
                    @Option(label = "auto", value = "auto"),
                    @Option(label = "HTTP/1.1", value = "1.1"),
                    @Option(label = "HTTP/2", value = "2")
                })
        String http() default "auto";

        /** {@return which form} */
        @AttributeDefinition(
                name = "Form of tensors",
                description = "auto: binary if the server lists the extension binary_tensor_data, or JSON.",
                options = {
                    @Option(label = "auto", value = "auto"),
                    @Option(label = "binary", value = "binary"),
                    @Option(label = "JSON", value = "json")
                })
        String form() default "auto";

        /** {@return the pattern} */
        @AttributeDefinition(
                name = "Model on the server",
                description = "Where a model is below v2/models/: {name}, {version} and {major} stand for what it has"
                        + " here. {name} alone takes whatever version the server serves.")
        String model_path() default "{name}/versions/{version}";

        /** {@return whether} */
        @AttributeDefinition(
                name = "Load",
                description = "Ask a server with the extension model_repository to load a model that is not ready.")
        boolean load() default false;

        /** {@return when} */
        @AttributeDefinition(
                name = "Repeat",
                description = "unsent: a request is sent again only if the server took no byte of it. always: also if a"
                        + " kept connection broke before the answer began; for models without a state.",
                options = {@Option(label = "unsent", value = "unsent"), @Option(label = "always", value = "always")})
        String repeat() default "unsent";

        /** {@return how many} */
        @AttributeDefinition(
                name = "Connections",
                description = "Most requests at once; a model is offered to so many callers.",
                min = "1",
                max = "1000")
        int connections() default 8;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Time to connect (ms)",
                description = "Longest time until a connection is made, with TLS.",
                min = "10",
                max = "60000")
        int connect_millis() default 2000;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Time to run (ms)",
                description = "Longest time of one run, if its deadline is not earlier.",
                min = "10",
                max = "3600000")
        int run_millis() default 30_000;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Time to keep (ms)",
                description = "A connection not used for so long is closed; less than the server's own limit.",
                min = "0",
                max = "600000")
        int idle_millis() default 3000;

        /** {@return MiB} */
        @AttributeDefinition(
                name = "Longest message (MiB)",
                description = "Longest request and longest answer, in MiB.",
                min = "1",
                max = "1024")
        int max_mib() default 64;

        /** {@return which} */
        @AttributeDefinition(
                name = "Check",
                description = "ready: the device is there while the server says it is ready, which may need all of its"
                        + " models. live: while the server answers.",
                options = {@Option(label = "ready", value = "ready"), @Option(label = "live", value = "live")})
        String check() default "ready";

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Check every (ms)",
                description = "Time between two checks of a server that is well.",
                min = "100",
                max = "3600000")
        int check_millis() default 5000;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Failed checks",
                description = "So many in a row take the device away.",
                min = "1",
                max = "100")
        int check_failures() default 3;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Longest pause (ms)",
                description = "Pause between two checks of a server that is away; begins at 500 ms and doubles.",
                min = "100",
                max = "3600000")
        int check_max_millis() default 30_000;
    }

    /**
     * Begins to watch the server. The device is there once the server has answered.
     *
     * @param config checked here
     * @param secrets decode the token, if there are any
     */
    @Activate
    public RemoteDriver(
            Config config,
            @Reference(cardinality = ReferenceCardinality.MULTIPLE, policyOption = ReferencePolicyOption.GREEDY)
                    List<SecretDecoder> secrets) {
        // a list, as Felix SCR 2.1.16 fails to give a constructor an optional reference that is absent
        String token = config.token().isEmpty() || secrets.isEmpty()
                ? config.token()
                : secrets.get(0).decode(config.token());
        this.settings = RemoteSettings.of(config, token);
        if (!token.isBlank()
                && !settings.endpoint().secure()
                && !settings.endpoint().isLoopback()) {
            LOG.warn("{}: the token is sent readable, as {} is no https", settings.device(), settings.endpoint());
        }
        Tls tls = settings.endpoint().secure() ? Tls.of(config.tls_trust_file(), config.tls_pin()) : null;
        this.server = new RemoteServer(settings, tls);
        this.monitor = new Monitor(settings, server, this::tell);
        monitor.start();
    }

    /** Ends every run and every connection. */
    @Deactivate
    public void stop() {
        monitor.close();
        server.close();
    }

    /**
     * Sets who is told when the server comes or goes; for use without a container.
     *
     * @param told replaces those there are
     */
    public void listeners(List<AcceleratorListener> told) {
        this.listeners = List.copyOf(told);
    }

    @Override
    public String name() {
        return settings.driver();
    }

    @Override
    public List<Accelerator> accelerators() {
        return monitor.devices();
    }

    @Override
    public Optional<String> unavailable() {
        return monitor.unavailable();
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        if (!device.id().equals(settings.device())) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "device " + device.id() + " is not of driver " + name() + ", which has " + settings.device(),
                    null);
        }
        return RemoteSession.load(settings, server, monitor, model.manifest(), options);
    }

    private void tell() {
        listeners.forEach(listener -> listener.acceleratorsChanged(this));
    }
}
