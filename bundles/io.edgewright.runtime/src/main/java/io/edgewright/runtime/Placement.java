// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.LoadFailure.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Loads a version on the first device of its order that takes it, and remembers what failed. One thread at a time. */
final class Placement {

    private final Services services;
    private final Journal journal;
    private final Trial trial;
    private final BackOff backOff;
    private boolean lackedMemory;

    Placement(Services services, Journal journal, Trial trial) {
        this.services = services;
        this.journal = journal;
        this.trial = trial;
        this.backOff = new BackOff(services.time(), services.settings());
    }

    List<Found> candidates(ModelManifest manifest, DeploymentSettings settings) {
        return services.devices().candidates(settings.accelerators(), manifest.format());
    }

    /** {@return a version ready to serve; null if no device takes it now, and then why is added to the problems} */
    @Nullable
    LoadedVersion load(
            ModelManifest manifest, DeploymentSettings settings, List<Found> devices, List<String> problems) {
        lackedMemory = false;
        int before = problems.size();
        if (devices.isEmpty()) {
            problems.add(noDevice(manifest, settings));
        }
        for (Found place : devices) {
            String id = place.id();
            if (!services.devices().isUsable(place)) {
                problems.add("device " + id + " " + services.devices().message(place));
                continue;
            }
            Optional<String> blocked = backOff.blocked(key(manifest, place));
            if (blocked.isPresent()) {
                problems.add(blocked.get());
                continue;
            }
            if (trial.blocks(key(manifest, place))) {
                problems.add("%s is left out on %s, as the gateway died %d times while it was new there; it is tried"
                                .formatted(manifest.id(), id, Trial.ENDS)
                        + " again after a restart, a change of the settings or, if nothing else serves, in 5 minutes");
                continue;
            }
            try {
                LoadedVersion version = loadOn(place, manifest, settings);
                if (settings.accelerators().isEmpty()) {
                    problems.subList(before, problems.size()).clear(); // any device is as good as another
                }
                return version;
            } catch (LoadFailure e) {
                problems.add(failed(place, manifest, e));
                lackedMemory = e.fault() == Fault.MEMORY;
                if (e.fault() == Fault.MODEL || lackedMemory) {
                    return null;
                }
            }
        }
        return null;
    }

    /** {@return true if the last load failed for want of memory} */
    boolean lackedMemory() {
        return lackedMemory;
    }

    /** {@return when to look again} */
    Optional<Duration> nextTry() {
        return Stream.of(backOff.nextTry(), trial.left())
                .flatMap(Optional::stream)
                .min(Duration::compareTo);
    }

    /** What failed may work now, as a driver was replaced. */
    void forgetFailures() {
        backOff.clear();
    }

    /** Called while nothing serves. */
    void relent() {
        trial.relent();
    }

    /** The operator has changed something: whatever failed is tried again. */
    void forgetAll() {
        backOff.clear();
        trial.forgive();
    }

    /** {@return what is wrong with the wished devices, if none of the first wish is there} */
    Optional<String> missing(DeploymentSettings settings) {
        if (settings.accelerators().isEmpty()) {
            return Optional.empty();
        }
        String first = settings.accelerators().get(0);
        boolean there = services.devices().present().values().stream().anyMatch(f -> Devices.matches(first, f));
        return there
                ? Optional.empty()
                : Optional.of("accelerator '" + first + "' is not there; there are " + present());
    }

    private LoadedVersion loadOn(Found place, ModelManifest manifest, DeploymentSettings settings) throws LoadFailure {
        long start = services.time().nanos();
        trial.begin(key(manifest, place));
        LoadedVersion version = services.loader().load(manifest, place, settings.load(), settings.agreementTolerance());
        backOff.succeeded(key(manifest, place));
        long millis = Duration.ofNanos(services.time().nanos() - start).toMillis();
        journal.record(
                Kind.LOADED,
                version.id() + " is loaded and passed its self-test in " + millis + " ms",
                Map.of("version", version.version(), "accelerator", place.id(), "millis", String.valueOf(millis)));
        return version;
    }

    private String failed(Found place, ModelManifest manifest, LoadFailure e) {
        String message = manifest.id() + " could not be loaded on " + place.id() + ": " + e.getMessage();
        trial.end(key(manifest, place));
        Duration pause = backOff.failed(key(manifest, place), message);
        if (e.fault() == Fault.DEVICE) {
            services.devices().failed(place, String.valueOf(e.getMessage()));
        }
        journal.record(
                Kind.LOAD_FAILED,
                message + "; tried again in " + pause.toSeconds() + " s",
                Map.of(
                        "version", manifest.id().version().toString(),
                        "accelerator", place.id(),
                        "fault", e.fault().name(),
                        "reason", String.valueOf(e.getMessage())));
        return message;
    }

    private String noDevice(ModelManifest manifest, DeploymentSettings settings) {
        return settings.accelerators().isEmpty()
                ? "no device takes the format %s of %s; there are %s"
                        .formatted(manifest.format(), manifest.id(), present())
                : "no accelerator matches %s for the format %s; there are %s"
                        .formatted(settings.accelerators(), manifest.format(), present());
    }

    private String present() {
        List<String> devices = services.devices().present().values().stream()
                .map(f -> f.id() + " (" + f.accelerator().kind() + ")")
                .toList();
        return devices.isEmpty() ? "no devices; install a driver" : devices.toString();
    }

    private static String key(ModelManifest manifest, Found place) {
        return manifest.digest() + "@" + place.id();
    }
}
