// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Deployments.IdleDriver;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.model.ModelManifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Measures one model on several devices side by side: all hold it loaded, and they take turns in short slices, forwards and
 * backwards, so that whatever else the machine does hits all of them alike.
 */
final class Comparison {

    private static final int ROUNDS = 6;
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** What one device did. */
    static final class Candidate {

        final Accelerator device;
        final ServedVersion served;
        final double loadMillis;
        final long residentGrowthBytes;
        final LatencyCounts latency = new LatencyCounts();
        final Map<Integer, Double> p50OfRound = new TreeMap<>();
        long allocatedBytes;
        double seconds;
        private final Predictor predictor;
        private final RandomInput input;

        Candidate(
                Accelerator device,
                ServedVersion served,
                double loadMillis,
                long residentGrowthBytes,
                Predictor predictor,
                RandomInput input) {
            this.device = device;
            this.served = served;
            this.loadMillis = loadMillis;
            this.residentGrowthBytes = residentGrowthBytes;
            this.predictor = predictor;
            this.input = input;
        }

        double callsPerSecond() {
            return latency.count() / seconds;
        }

        private void add(int round, Clients measured) {
            latency.addAll(measured.latency());
            p50OfRound.put(round, measured.latency().quantileMillis(0.5));
            allocatedBytes += measured.allocatedBytes();
            seconds += measured.seconds();
        }
    }

    /**
     * A device that was not measured, or a driver without one.
     *
     * @param accelerator its id; empty for a driver without a device
     * @param driver its name
     * @param reason why
     */
    record Refused(String accelerator, String driver, String reason) {}

    /**
     * How many times as long as the first device another took: of the medians of each round.
     *
     * @param median over the rounds
     * @param least of a round
     * @param most of a round
     */
    record Ratio(double median, double least, double most) {}

    /**
     * What was measured.
     *
     * @param model which
     * @param clients callers side by side
     * @param candidates in the order of the devices
     * @param refused the other devices, and drivers without one
     */
    record Result(ModelManifest model, int clients, List<Candidate> candidates, List<Refused> refused) {}

    private final Gateway gateway;
    private final ModelManifest model;
    private final Map<String, List<Long>> shapes;
    private final int clients;
    private final Duration time;
    private final List<Refused> refused = new ArrayList<>();

    Comparison(Gateway gateway, ModelManifest model, Map<String, List<Long>> shapes, int clients, Duration time) {
        this.gateway = gateway;
        this.model = model;
        this.shapes = shapes;
        this.clients = clients;
        this.time = time;
    }

    /**
     * Loads the model on every device that was named, and measures it there.
     *
     * @param wish {@code all}, or ids, drivers or kinds by commas
     */
    Result run(String wish) throws InterruptedException {
        List<Candidate> candidates = new ArrayList<>();
        int number = 0;
        for (Accelerator device : devices(wish)) {
            load(device, "bench-" + number++).ifPresent(candidates::add);
        }
        measure(candidates);
        return new Result(model, clients, candidates, refused);
    }

    /** {@return how one compares with another, by the medians of the rounds that both were in} */
    static Ratio ratio(Map<Integer, Double> p50OfRound, Map<Integer, Double> first) {
        List<Double> ratios = new ArrayList<>();
        p50OfRound.forEach((round, millis) -> {
            Double other = first.get(round);
            if (other != null && other > 0) {
                ratios.add(millis / other);
            }
        });
        if (ratios.isEmpty()) {
            return new Ratio(Double.NaN, Double.NaN, Double.NaN);
        }
        Collections.sort(ratios);
        double median = (ratios.get((ratios.size() - 1) / 2) + ratios.get(ratios.size() / 2)) / 2;
        return new Ratio(median, ratios.get(0), ratios.get(ratios.size() - 1));
    }

    private List<Accelerator> devices(String wish) {
        Deployments deployments = gateway.deployments();
        List<Accelerator> present = deployments.rescan().stream()
                .filter(d -> d.state() != DeviceState.ABSENT)
                .map(Deployments.Device::accelerator)
                .toList();
        if (wish.equals("all")) {
            for (IdleDriver idle : deployments.idleDrivers()) {
                refused.add(new Refused("", idle.driver(), idle.message()));
            }
            return present;
        }
        List<Accelerator> chosen = new ArrayList<>();
        for (String word : wish.split(",", -1)) {
            List<Accelerator> matching =
                    present.stream().filter(a -> matches(word.strip(), a)).toList();
            if (matching.isEmpty()) {
                throw new IllegalArgumentException(
                        "--accelerator names '%s', expected 'all', or the id, driver or kind of".formatted(word.strip())
                                + " one of "
                                + present.stream().map(Accelerator::id).toList() + why(deployments));
            }
            matching.stream().filter(a -> !chosen.contains(a)).forEach(chosen::add);
        }
        return chosen;
    }

    private static String why(Deployments deployments) {
        var text = new StringBuilder();
        deployments.idleDrivers().forEach(idle -> text.append("; driver ")
                .append(idle.driver())
                .append(" has no device: ")
                .append(idle.message()));
        return text.toString();
    }

    private static boolean matches(String word, Accelerator device) {
        return word.equals(device.id())
                || word.equalsIgnoreCase(device.driver())
                || word.equalsIgnoreCase(device.kind().name());
    }

    private Optional<Candidate> load(Accelerator device, String deployment) throws InterruptedException {
        if (Collections.disjoint(device.formats(), model.formats())) {
            refused.add(new Refused(
                    device.id(),
                    device.driver(),
                    "takes " + device.formats() + ", the model is " + String.join(" or ", model.formats())));
            return Optional.empty();
        }
        long before = BenchCommand.residentBytes().orElse(0L);
        long start = System.nanoTime();
        try {
            Predictor predictor = gateway.serve(
                    model,
                    deployment,
                    Map.of("trusted", true, "queue.length", 4096, "accelerators", new String[] {device.id()}));
            double millis = (System.nanoTime() - start) / 1e6;
            var input = new RandomInput(predictor.signature(), shapes);
            Clients.measure(predictor, input, clients, WARM_UP);
            ServedVersion served = gateway.deployments()
                    .find(deployment)
                    .flatMap(d -> d.primary())
                    .orElseThrow(() -> new IllegalStateException("it serves no longer"));
            if (!served.accelerator().equals(device.id())) { // an id such as cpu is also the kind of other devices
                throw new IllegalStateException("did not take it, the model went to " + served.accelerator());
            }
            long growth = Math.max(0, BenchCommand.residentBytes().orElse(0L) - before);
            return Optional.of(new Candidate(device, served, millis, growth, predictor, input));
        } catch (IllegalStateException | InferenceException e) {
            gateway.unserve(deployment);
            refused.add(new Refused(device.id(), device.driver(), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private void measure(List<Candidate> candidates) throws InterruptedException {
        Duration slice = time.dividedBy(ROUNDS);
        for (int round = 0; round < ROUNDS; round++) {
            List<Candidate> order = new ArrayList<>(candidates);
            if (round % 2 == 1) {
                Collections.reverse(order);
            }
            for (Candidate candidate : order) {
                try {
                    candidate.add(round, Clients.measure(candidate.predictor, candidate.input, clients, slice));
                } catch (InferenceException e) {
                    candidates.remove(candidate);
                    refused.add(new Refused(
                            candidate.device.id(), candidate.device.driver(), String.valueOf(e.getMessage())));
                }
            }
        }
    }
}
