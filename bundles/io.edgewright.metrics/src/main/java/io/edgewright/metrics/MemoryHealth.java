// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.health.HealthCheck;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Says when memory runs short, before the system ends the gateway for it. */
@Component(name = MemoryHealth.PID, service = HealthCheck.class, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = MemoryHealth.Config.class)
public final class MemoryHealth implements HealthCheck {

    static final String PID = "io.edgewright.metrics.memory";

    private static final long MIB = 1024 * 1024;
    private static final int HEAP_WARNING_PERCENT = 90;

    private final Proc proc;
    private final int limitMib;
    private final int warningPercent;
    private final int availableMib;

    @ObjectClassDefinition(id = PID, name = "Edgewright memory check", description = "Says when memory runs short.")
    @interface Config {

        @AttributeDefinition(
                name = "Process limit",
                description = "Memory the process may use in MiB; 0 takes the limit of its container or service.",
                min = "0")
        int limit_mib() default 0;

        @AttributeDefinition(
                name = "Warning share",
                description = "Share of the process limit in percent from which on there is a warning.",
                min = "1",
                max = "100")
        int warning_percent() default 85;

        @AttributeDefinition(
                name = "Least free memory",
                description = "Memory of the machine in MiB that should be available; half of it is critical. 0: any.",
                min = "0")
        int available_mib() default 128;
    }

    /** @param config the limits */
    @Activate
    public MemoryHealth(Config config) {
        this(config, new Proc(Path.of("/")));
    }

    MemoryHealth(Config config, Proc proc) {
        check("limit.mib", config.limit_mib(), 0, Integer.MAX_VALUE);
        check("warning.percent", config.warning_percent(), 1, 100);
        check("available.mib", config.available_mib(), 0, Integer.MAX_VALUE);
        this.proc = proc;
        this.limitMib = config.limit_mib();
        this.warningPercent = config.warning_percent();
        this.availableMib = config.available_mib();
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        process().ifPresent(findings::add);
        machine().ifPresent(findings::add);
        afterCollection().flatMap(MemoryHealth::heap).ifPresent(findings::add);
        findings.sort(Comparator.comparing(Finding::severity).reversed());
        return List.copyOf(findings);
    }

    private Optional<Finding> process() {
        OptionalLong used = proc.residentBytes();
        OptionalLong limit = limitMib > 0 ? OptionalLong.of(limitMib * MIB) : proc.limitBytes();
        if (used.isEmpty() || limit.isEmpty() || used.getAsLong() * 100 < limit.getAsLong() * warningPercent) {
            return Optional.empty();
        }
        boolean over = used.getAsLong() >= limit.getAsLong();
        return Optional.of(new Finding(
                over ? Severity.CRITICAL : Severity.WARNING,
                "process",
                "the gateway uses %d MiB, its limit is %d MiB"
                        .formatted(used.getAsLong() / MIB, limit.getAsLong() / MIB),
                "remove a deployment, lower its instances, or raise the limit"));
    }

    private Optional<Finding> machine() {
        OptionalLong available = proc.availableBytes();
        if (available.isEmpty() || available.getAsLong() >= availableMib * MIB) {
            return Optional.empty();
        }
        boolean critical = available.getAsLong() < availableMib * MIB / 2;
        return Optional.of(new Finding(
                critical ? Severity.CRITICAL : Severity.WARNING,
                "machine",
                "%d MiB of memory are available, at least %d MiB are expected"
                        .formatted(available.getAsLong() / MIB, availableMib),
                "stop other programs, or remove a deployment; a model cannot be swapped without memory for both"));
    }

    /** {@return the largest part of the heap as the last collection left it: before one, a full heap means nothing} */
    private static Optional<MemoryUsage> afterCollection() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .flatMap(pool -> Stream.ofNullable(pool.getCollectionUsage()))
                .max(Comparator.comparingLong(MemoryUsage::getMax));
    }

    static Optional<Finding> heap(MemoryUsage heap) {
        if (heap.getMax() <= 0 || heap.getUsed() * 100 < heap.getMax() * HEAP_WARNING_PERCENT) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Severity.WARNING,
                "Java heap",
                "%d of %d MiB were still in use after a collection"
                        .formatted(heap.getUsed() / MIB, heap.getMax() / MIB),
                "raise -Xmx; models themselves live outside the heap"));
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + min + " to " + max);
        }
    }
}
