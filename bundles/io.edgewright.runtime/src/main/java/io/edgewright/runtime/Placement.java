// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.LoadFailure.Fault;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Loads a version on the first device of its order that takes it, and remembers what failed. One thread at a time. */
final class Placement {

    /** How long requests wait for a load where there is another device to be tried. */
    private static final Duration HURRY = Duration.ofSeconds(15);

    private final Services services;
    private final Journal journal;
    private final Trial trial;
    private final BackOff backOff;
    private final Runnable wake;
    private final BooleanSupplier enough;
    private final Map<String, LoadTask> left = new HashMap<>(); // loads that nobody waits for any more
    private final Set<String> calledOff = new HashSet<>(); // attempts that nothing but something more urgent has ended
    private boolean lackedMemory;
    private boolean hurried;

    /**
     * @param wake has everything looked at soon
     * @param enough tells that there is something more urgent to do than to wait for a load
     */
    Placement(Services services, Journal journal, Trial trial, Runnable wake, BooleanSupplier enough) {
        this.wake = wake;
        this.enough = enough;
        this.services = services;
        this.journal = journal;
        this.trial = trial;
        this.backOff = new BackOff(services.time(), services.settings());
    }

    List<Found> candidates(ModelManifest manifest, DeploymentSettings settings) {
        return services.devices().candidates(settings.accelerators(), manifest.formats());
    }

    /** {@return as above, but the device that was just lost comes last: it may hang again while requests wait} */
    List<Found> othersFirst(LoadedVersion lost, DeploymentSettings settings) {
        return candidates(lost.manifest(), settings).stream()
                .sorted(Comparator.comparing(place -> place.isSame(lost.place())))
                .toList();
    }

    /**
     * As {@link #load}, while requests wait: a device that takes long is passed over if there is another. One whose load was called
     * off is left alone as if it had failed, but not if there is no other.
     */
    @Nullable
    LoadedVersion loadSoon(
            ModelManifest manifest, DeploymentSettings settings, List<Found> devices, List<String> problems) {
        int before = problems.size();
        try {
            hurried = devices.size() > 1;
            LoadedVersion version = load(manifest, settings, devices, problems);
            if (version == null && !calledOff.isEmpty()) {
                calledOff.forEach(backOff::succeeded);
                calledOff.clear();
                problems.subList(before, problems.size()).clear();
                version = load(manifest, settings, devices, problems);
            }
            return version;
        } finally {
            hurried = false;
        }
    }

    /** {@return true if another device could be tried with this model now} */
    boolean hasOther(LoadedVersion version, DeploymentSettings settings) {
        ModelManifest manifest = version.manifest();
        return candidates(manifest, settings).stream()
                .filter(place ->
                        !place.isSame(version.place()) && services.devices().isUsable(place))
                .anyMatch(place -> manifest.formats().stream()
                        .filter(place.accelerator().formats()::contains)
                        .anyMatch(format -> blocked(place, manifest.in(format)).isEmpty()));
    }

    /** {@return a version ready to serve; null if no device takes it now, and then why is added to the problems} */
    @Nullable
    LoadedVersion load(
            ModelManifest manifest, DeploymentSettings settings, List<Found> devices, List<String> problems) {
        lackedMemory = false;
        int before = problems.size();
        Set<String> broken = new HashSet<>(); // formats whose file no device will take
        if (devices.isEmpty()) {
            problems.add(noDevice(manifest, settings));
        }
        for (Found place : devices) {
            String id = place.id();
            if (!services.devices().isUsable(place)) {
                problems.add("device " + id + " " + services.devices().message(place));
                continue;
            }
            LoadedVersion version = loadOn(place, manifest, settings, broken, problems);
            if (version != null && settings.accelerators().isEmpty()) {
                problems.subList(before, problems.size()).clear(); // any device is as good as another
            }
            if (version != null || lackedMemory || broken.containsAll(manifest.formats())) {
                return version;
            }
        }
        return null;
    }

    /** {@return a variant of a model, loaded; null if it cannot be now, and then why is added to the problems} */
    @Nullable
    LoadedVersion loadOn(Found place, Loadable variant, DeploymentSettings settings, List<String> problems) {
        Optional<String> blocked = blocked(place, variant.form());
        if (blocked.isPresent()) {
            problems.add(blocked.get());
            return null;
        }
        try {
            return loadOn(place, variant, settings);
        } catch (LoadFailure e) {
            problems.add(failed(place, variant.form(), e));
            return null;
        }
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

    /** {@return the version in the first of its forms that the device takes; null if it takes none} */
    private @Nullable LoadedVersion loadOn(
            Found place,
            ModelManifest manifest,
            DeploymentSettings settings,
            Set<String> broken,
            List<String> problems) {
        int before = problems.size();
        for (String format : manifest.formats()) {
            if (!place.accelerator().formats().contains(format) || broken.contains(format)) {
                continue;
            }
            ModelManifest form = manifest.in(format);
            Optional<String> blocked = blocked(place, form);
            if (blocked.isPresent()) {
                problems.add(blocked.get());
                continue;
            }
            try {
                LoadedVersion version = loadOn(place, Loadable.plain(services.catalog(), manifest, format), settings);
                problems.subList(before, problems.size()).clear(); // any form is as good as another
                return version;
            } catch (LoadFailure e) {
                problems.add(failed(place, form, e));
                lackedMemory = e.fault() == Fault.MEMORY;
                if (e.fault() == Fault.MODEL) {
                    broken.add(format);
                } else if (e.fault() != Fault.COMBINATION) {
                    return null;
                }
            }
        }
        return null;
    }

    private Optional<String> blocked(Found place, ModelManifest form) {
        return backOff.blocked(attempt(form, place))
                .or(() -> trial.blocks(key(form, place))
                        ? Optional.of(
                                "%s is left out on %s, as the gateway died %d times while it was new there; it is tried"
                                                .formatted(form.id(), place.id(), Trial.ENDS)
                                        + " again after a restart, a change of the settings or, if nothing else serves, in 5 minutes")
                        : Optional.empty());
    }

    private LoadedVersion loadOn(Found place, Loadable model, DeploymentSettings settings) throws LoadFailure {
        ModelManifest form = model.form();
        long start = services.time().nanos();
        trial.begin(key(form, place));
        LoadedVersion version = await(place, model, settings);
        backOff.succeeded(attempt(form, place));
        calledOff.remove(attempt(form, place));
        long millis = Duration.ofNanos(services.time().nanos() - start).toMillis();
        var details = new TreeMap<>(version.facts());
        details.put("version", version.version());
        details.put("accelerator", place.id());
        details.put("format", form.format());
        if (!model.variant().isEmpty()) {
            details.put("variant", model.variant());
        }
        details.put("millis", String.valueOf(millis));
        journal.record(
                Kind.LOADED,
                "%s is loaded as %s and passed its self-test in %d ms".formatted(version.id(), form.format(), millis),
                details);
        return version;
    }

    private LoadedVersion await(Found place, Loadable model, DeploymentSettings settings) throws LoadFailure {
        String key = key(model.form(), place);
        LoadTask before = left.remove(key);
        LoadTask task = before != null && before.rejoin(place, settings.load())
                ? before
                : services.loader()
                        .start(
                                model,
                                place,
                                settings.load(),
                                settings.agreementTolerance(),
                                late -> endedLate(late, place));
        Duration most = services.settings().get().load();
        if (hurried && HURRY.compareTo(most) < 0) {
            most = HURRY;
        }
        long start = services.time().nanos();
        LoadedVersion version = task.await(services.time(), most, enough);
        if (version != null) {
            return version;
        }
        left.put(key, task);
        Duration took = Duration.ofNanos(services.time().nanos() - start);
        if (took.compareTo(services.settings().get().load()) >= 0) {
            String message = "loading %s has not ended for %d s"
                    .formatted(model.manifest().id(), took.toSeconds());
            services.devices().stuck(task, place, message);
            throw new LoadFailure(Fault.DEVICE, message + "; a longer load.seconds allows for more");
        }
        throw new LoadFailure(
                took.compareTo(most) < 0 ? Fault.CALLED_OFF : Fault.COMBINATION,
                "it was not ready after %.1f s, and requests could not wait for it".formatted(took.toMillis() / 1e3));
    }

    /** Closes what was loaded but cannot be used as it is, and leaves it alone for a while. {@return why} */
    String refuse(LoadedVersion version, String why) {
        version.close();
        return failed(version.place(), version.served(), new LoadFailure(Fault.COMBINATION, why));
    }

    private void endedLate(LoadTask task, Found place) {
        services.devices().cameBack(task, place);
        wake.run();
    }

    private String failed(Found place, ModelManifest manifest, LoadFailure e) {
        String message = "%s (%s) could not be loaded on %s: %s"
                .formatted(manifest.id(), manifest.format(), place.id(), e.getMessage());
        trial.end(key(manifest, place));
        Duration pause = backOff.failed(attempt(manifest, place), message);
        if (e.fault() == Fault.CALLED_OFF) {
            calledOff.add(attempt(manifest, place));
        } else if (e.fault() == Fault.DEVICE) {
            services.devices().failed(place, String.valueOf(e.getMessage()));
        }
        journal.record(
                Kind.LOAD_FAILED,
                message + "; tried again in " + pause.toSeconds() + " s",
                Map.of(
                        "version", manifest.id().version().toString(),
                        "accelerator", place.id(),
                        "format", manifest.format(),
                        "fault", e.fault().name(),
                        "reason", String.valueOf(e.getMessage())));
        return message;
    }

    private String noDevice(ModelManifest manifest, DeploymentSettings settings) {
        return settings.accelerators().isEmpty()
                ? "no device takes the format %s of %s; there are %s"
                        .formatted(formats(manifest), manifest.id(), present())
                : "no accelerator matches %s for the format %s; there are %s"
                        .formatted(settings.accelerators(), formats(manifest), present());
    }

    private String present() {
        List<String> devices = services.devices().present().values().stream()
                .map(f -> "%s (%s) for %s"
                        .formatted(
                                f.id(),
                                f.accelerator().kind(),
                                String.join(
                                        ", ",
                                        f.accelerator().formats().stream()
                                                .sorted()
                                                .toList())))
                .toList();
        return devices.isEmpty() ? "no devices; install a driver" : devices.toString();
    }

    private static String formats(ModelManifest manifest) {
        return String.join(" or ", manifest.formats());
    }

    /** {@return what a failure is remembered by: another driver may take what this one does not, so it is tried at once} */
    private static String attempt(ModelManifest form, Found place) {
        return key(form, place) + "#" + System.identityHashCode(place.driver());
    }

    private static String key(ModelManifest form, Found place) {
        return form.digest() + "@" + place.id();
    }
}
