// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.vision.Box;
import io.edgewright.vision.Classification;
import io.edgewright.vision.Detection;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code infer MODEL INPUT...}: runs a model on files and tells what it says. */
@Component(name = "io.edgewright.shell.infer", service = BiFunction.class, property = "edgewright.command=infer")
public final class InferCommand implements BiFunction<Map<String, List<String>>, PrintStream, Integer> {

    private final Gateway gateway;

    /**
     * Called by Declarative Services.
     *
     * @param gateway serves the model
     */
    @Activate
    public InferCommand(@Reference Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        int top = request.number("top", 5, 1, 1_000_000);
        float minScore = (float) request.real("min-score", 0.4, 0, 1);
        List<String> arguments = request.arguments();
        List<InputFile> files = arguments.stream().skip(1).map(InputFile::parse).toList();
        DeviceSetup.apply(request, gateway);
        ModelManifest model =
                gateway.addModel(Path.of(arguments.get(0)), Optional.empty(), Optional.empty(), ModelFacts.of(request));
        try {
            Predictor predictor = gateway.serve(model, "infer", options(request));
            Signature signature = predictor.signature();
            List<Run> runs = Runs.of(signature, files);
            var reading = new Reading(signature, files.stream().anyMatch(f -> !f.isTensor()), top, minScore);
            answerAll(request, predictor, reading, runs, out);
            return 0;
        } catch (InferenceException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private static Map<String, Object> options(Request request) {
        Map<String, Object> options = new HashMap<>(Map.of("trusted", true, "instances", 1));
        request.option("accelerator").ifPresent(wish -> options.put("accelerators", wish.split(",", -1)));
        return options;
    }

    private static void answerAll(
            Request request, Predictor predictor, Reading reading, List<Run> runs, PrintStream out)
            throws InferenceException {
        var results = new JsonArray();
        for (Run run : runs) {
            long start = System.nanoTime();
            Answer answer =
                    predictor.predict(run.writer(), outputs -> reading.read(outputs, run), RequestOptions.DEFAULT);
            double millis = (System.nanoTime() - start) / 1e6;
            JsonObject json = json(run, answer, millis);
            request.file("out").ifPresent(folder -> write(folder, run, answer, json));
            results.add(json);
            if (!request.flag("json")) {
                print(out, run, answer, millis, json);
            }
        }
        if (request.flag("json")) {
            var json = new JsonObject();
            json.add("results", results);
            out.println(json);
        }
    }

    private static void print(PrintStream out, Run run, Answer answer, double millis, JsonObject json) {
        out.printf(Locale.ROOT, "%s  (%.1f ms)%n", run.name(), millis);
        switch (answer.kind()) {
            case CLASSIFICATION -> {
                for (Classification c : answer.classes()) {
                    out.printf(Locale.ROOT, "  %.4f  %s (%d)%n", c.probability(), c.label(), c.classIndex());
                }
            }
            case DETECTION -> {
                for (Detection d : answer.boxes()) {
                    int[] p = pixels(d.box(), run);
                    out.printf(
                            Locale.ROOT,
                            "  %.4f  %s  left %d top %d right %d bottom %d%n",
                            d.score(),
                            d.label(),
                            p[0],
                            p[1],
                            p[2],
                            p[3]);
                }
                if (answer.boxes().isEmpty()) {
                    out.println("  nothing found");
                }
            }
            case TENSORS ->
                answer.outputs().forEach((name, tensor) -> out.println("  " + TensorText.line(name, tensor)));
        }
        if (json.has("files")) {
            json.getAsJsonArray("files").forEach(f -> out.println("  wrote " + f.getAsString()));
        }
    }

    private static JsonObject json(Run run, Answer answer, double millis) {
        var json = new JsonObject();
        json.addProperty("input", run.name());
        json.addProperty("millis", millis);
        switch (answer.kind()) {
            case CLASSIFICATION -> {
                var classes = new JsonArray();
                answer.classes().forEach(c -> {
                    var one = new JsonObject();
                    one.addProperty("index", c.classIndex());
                    one.addProperty("label", c.label());
                    one.addProperty("probability", c.probability());
                    classes.add(one);
                });
                json.add("classes", classes);
            }
            case DETECTION -> {
                var boxes = new JsonArray();
                answer.boxes().forEach(d -> boxes.add(box(d, run)));
                json.add("boxes", boxes);
            }
            case TENSORS -> {
                var outputs = new JsonArray();
                answer.outputs().forEach((name, tensor) -> outputs.add(TensorText.json(name, tensor)));
                json.add("outputs", outputs);
            }
        }
        return json;
    }

    private static JsonObject box(Detection detection, Run run) {
        int[] p = pixels(detection.box(), run);
        var one = new JsonObject();
        one.addProperty("index", detection.classIndex());
        one.addProperty("label", detection.label());
        one.addProperty("score", detection.score());
        one.addProperty("left", p[0]);
        one.addProperty("top", p[1]);
        one.addProperty("right", p[2]);
        one.addProperty("bottom", p[3]);
        return one;
    }

    private static int[] pixels(Box box, Run run) {
        Run.Seen seen = run.picture().orElseThrow();
        return new int[] {
            Math.round(box.left() * seen.width()),
            Math.round(box.top() * seen.height()),
            Math.round(box.right() * seen.width()),
            Math.round(box.bottom() * seen.height())
        };
    }

    private static void write(Path folder, Run run, Answer answer, JsonObject json) {
        var files = new JsonArray();
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
                String name = output.getKey().replaceAll("[^A-Za-z0-9._-]", "_");
                Path file = folder.resolve(run.stem() + "." + name + ".npy");
                Npy.write(file, output.getValue());
                files.add(file.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to '" + folder + "': " + e, e);
        }
        json.add("files", files);
    }
}
