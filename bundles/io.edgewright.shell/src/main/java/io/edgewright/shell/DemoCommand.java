// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code demo}: counts the visitors of a rendered shop, and swaps the model while it does. */
@Component(name = "io.edgewright.shell.demo", service = BiFunction.class, property = "edgewright.command=demo")
public final class DemoCommand implements BiFunction<Map<String, List<String>>, PrintStream, Integer> {

    private static final String NEXT_VERSION = "1.1.0";
    private static final double SWAP_AFTER_SECONDS = 10;
    private static final long LOOK_MILLIS = 1000;

    private final Gateway gateway;
    private final Optional<Path> install;

    /**
     * Called by Declarative Services.
     *
     * @param context knows where the gateway is installed
     * @param gateway to set up
     */
    @Activate
    public DemoCommand(BundleContext context, @Reference Gateway gateway) {
        this.gateway = gateway;
        this.install =
                Optional.ofNullable(context.getProperty("edgewright.install")).map(Path::of);
    }

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        double seconds = request.real("seconds", Double.POSITIVE_INFINITY, 1, 1_000_000);
        String url = request.option("url")
                .orElseThrow(() -> new IllegalStateException("the demo needs the HTTP service, which is not there"));
        var setup = new DemoSetup(gateway, request, install);
        var figures = new DemoFigures();
        long start = System.nanoTime();
        boolean ended = false;
        try {
            setup.serveFirst();
            if (!request.flag("json")) {
                out.println("status page: " + url + "/console   (model " + DemoSetup.MODEL + " 1.0.0 counts; "
                        + NEXT_VERSION + " takes over while it runs; Ctrl-C ends)");
            }
            watch(request, setup, figures, url, seconds, out);
        } catch (InterruptedException e) {
            ended = true; // Ctrl-C is the usual way to end it
        }
        return finish(request, figures, ended, (System.nanoTime() - start) / 1e9, out);
    }

    private void watch(
            Request request, DemoSetup setup, DemoFigures figures, String url, double seconds, PrintStream out)
            throws InterruptedException {
        boolean onTerminal = request.option("terminal").orElse("false").equals("true") && !request.flag("json");
        HttpClient http = HttpClient.newHttpClient();
        long start = System.nanoTime();
        boolean swapBegun = false;
        double passed = 0;
        while (passed < seconds) {
            Thread.sleep((long) Math.min(LOOK_MILLIS, Math.max(1, (seconds - passed) * 1000)));
            passed = (System.nanoTime() - start) / 1e9;
            figures.look(gateway.deployments(), retail(http, url));
            if (onTerminal) {
                out.print("\r\u001b[?7l" + figures.line() + "\u001b[K\u001b[?7h"); // cut at the edge, not wrapped
                out.flush();
            } else if (!request.flag("json")) {
                out.println(figures.line());
            }
            if (!swapBegun && passed >= Math.min(SWAP_AFTER_SECONDS, seconds / 2)) {
                swapBegun = true;
                setup.addNext();
            }
        }
        if (onTerminal) {
            out.println();
        }
    }

    /**
     * Tells how it went.
     *
     * @param ended true if the user ended it, who need not wait for the swap or even for the first picture
     * @return the exit code
     */
    static int finish(Request request, DemoFigures figures, boolean ended, double seconds, PrintStream out) {
        boolean complete = figures.frames() > 0 && figures.swaps() > 0 && figures.hasServed(NEXT_VERSION);
        boolean well = figures.failed() == 0 && (ended || complete);
        if (request.flag("json")) {
            JsonObject json = figures.json(seconds);
            json.addProperty("ok", well);
            out.println(json);
        } else {
            String verdict = ended ? "ended" : "done";
            out.printf("%s after %.0f s: %s%n", well ? verdict : "FAILED", seconds, figures.line());
        }
        return well ? 0 : 1;
    }

    /** The application's own answer, as the status page sees it. */
    private static JsonObject retail(HttpClient http, String url) throws InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + "/api/v1/apps/retail"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "the application answered with status " + response.statusCode() + ": " + response.body());
            }
            JsonArray apps =
                    JsonParser.parseString(response.body()).getAsJsonObject().getAsJsonArray("apps");
            return apps.isEmpty() ? new JsonObject() : apps.get(0).getAsJsonObject();
        } catch (JsonParseException e) {
            throw new IllegalStateException("the application's answer is not JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("the gateway does not answer: " + e, e);
        }
    }
}
