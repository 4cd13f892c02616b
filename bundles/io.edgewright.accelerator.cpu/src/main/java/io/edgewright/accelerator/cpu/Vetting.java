// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.accelerator.cpu.ChildProbe.Outcome;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps models of unknown origin away from this process until one has outlived them. Verdicts are kept on disk, so each
 * model pays once for each version of the engine. Thread-safe.
 */
final class Vetting {

    private static final Logger LOG = LoggerFactory.getLogger(Vetting.class);

    private static final String PASSED = "passed";

    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * Tries a model unless that was done before.
     *
     * @param key names the model, the engine and the processor
     * @throws InferenceException with {@code MODEL_INVALID} if the model kills the process or exceeds its limits, or
     *     {@code DEVICE_UNAVAILABLE} if it cannot be tried and must be
     */
    void check(ModelFile model, String key, Settings settings) throws InferenceException {
        Path verdict = settings.vettedFolder().resolve(key);
        String known = read(verdict);
        if (known.isEmpty()) {
            known = tryOut(model, verdict, settings);
        }
        if (!known.equals(PASSED)) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s was tried in a process of its own and %s; it is not loaded here"
                            .formatted(model.manifest().id(), known),
                    null);
        }
    }

    private String tryOut(ModelFile model, Path verdict, Settings settings) throws InferenceException {
        Optional<Path> java = ChildProbe.javaOfThisProcess();
        if (java.isEmpty()) {
            return unprobed("this Java has no bin/java to start", settings);
        }
        try {
            Outcome outcome = new ChildProbe(java.get(), settings.probeFolder())
                    .tryOut(model.path(), settings.probeTime(), settings.probeMemoryBytes());
            switch (outcome.ending()) {
                case SURVIVED -> {
                    keep(verdict, PASSED);
                    return PASSED;
                }
                case CRASHED -> {
                    String crashed = "crashed it: " + outcome.detail();
                    LOG.warn("Model {} {}", model.manifest().id(), crashed);
                    keep(verdict, crashed);
                    return crashed;
                }
                case EXCEEDED -> {
                    return "exceeded its limits: " + outcome.detail();
                }
                default -> {
                    return unprobed("the process failed by itself: " + outcome.detail(), settings);
                }
            }
        } catch (IOException e) {
            return unprobed("the process could not be started: " + e, settings);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "interrupted while model " + model.manifest().id() + " was tried",
                    e);
        }
    }

    private String unprobed(String why, Settings settings) throws InferenceException {
        if (settings.probeRequired()) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "the model must be tried in a process of its own first (probe.required), but " + why,
                    null);
        }
        if (warned.compareAndSet(false, true)) {
            LOG.warn("Models of unknown origin are loaded untried: {}", why);
        }
        return PASSED;
    }

    private static String read(Path verdict) {
        try {
            return Files.isRegularFile(verdict)
                    ? Files.readString(verdict, StandardCharsets.UTF_8).strip()
                    : "";
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be read, the model is tried again: {}", verdict, e.toString());
            return "";
        }
    }

    private static void keep(Path verdict, String text) {
        try {
            DurableFiles.write(verdict, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be kept, the model is tried again next time: {}", verdict, e.toString());
        }
    }
}
