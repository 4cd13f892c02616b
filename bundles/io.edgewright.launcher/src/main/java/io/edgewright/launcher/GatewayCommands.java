// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The commands that talk to a running gateway. */
final class GatewayCommands {

    private static final String MODELS = "/api/v1/models";
    private static final String SETTINGS = "/api/v1/settings";
    private static final String DRIFT = "/api/v1/drift";
    private static final String DEPLOYMENTS = "/api/v1/deployments";

    private final CommandLine line;
    private final PrintStream out;
    private final PrintStream err;

    GatewayCommands(CommandLine line, PrintStream out, PrintStream err) {
        this.line = line;
        this.out = out;
        this.err = err;
    }

    void run() throws UsageException, CommandException, IOException {
        switch (line.command().name()) {
            case "status" -> status();
            case "accelerators" -> accelerators();
            case "models" -> models();
            case "settings" -> settings();
            case "drift" -> drift();
            default -> deployments();
        }
    }

    private void status() throws CommandException, IOException {
        GatewayClient gateway = GatewayClient.of(line);
        JsonObject json = gateway.get("/api/v1/status").getAsJsonObject();
        JsonObject health = gateway.get("/api/v1/health").getAsJsonObject();
        JsonObject served = gateway.get(DEPLOYMENTS).getAsJsonObject();
        if (line.flag("json")) {
            json.addProperty("url", gateway.url());
            json.add("health", health);
            json.add("deployments", array(served, "deployments"));
            print(json);
            return;
        }
        out.println("gateway   " + gateway.url());
        out.println("health    " + text(health, "status"));
        for (JsonElement element : array(health, "findings")) {
            JsonObject finding = element.getAsJsonObject();
            out.println("  " + text(finding, "severity") + " " + text(finding, "subject") + ": "
                    + text(finding, "message") + " (" + text(finding, "advice") + ")");
        }
        out.println();
        Tables.deployments(array(served, "deployments")).print(out);
    }

    private void accelerators() throws CommandException, IOException {
        JsonObject json = GatewayClient.of(line).get("/api/v1/accelerators").getAsJsonObject();
        if (line.flag("json")) {
            print(json);
            return;
        }
        printAccelerators(json, out);
    }

    static void printAccelerators(JsonObject json, PrintStream out) {
        Tables.accelerators(array(json, "accelerators"), array(json, "idleDrivers"))
                .print(out);
    }

    private void models() throws UsageException, CommandException, IOException {
        List<String> words = line.arguments();
        String what = words.isEmpty() ? "list" : words.get(0);
        switch (what) {
            case "list" -> {
                expect(words, words.size() <= 1, "models list");
                JsonObject json = GatewayClient.of(line).get(MODELS).getAsJsonObject();
                show(
                        json,
                        Tables.models(array(json, "models")),
                        "no models; add one with 'edgewright models add FILE'");
            }
            case "add" -> {
                expect(words, words.size() >= 2, "models add FILE [PROPERTY=VALUE...]");
                addModel(Path.of(words.get(1)), SettingsText.texts(words.subList(2, words.size())));
            }
            case "remove" -> {
                expect(words, words.size() == 3, "models remove NAME VERSION");
                done(
                        GatewayClient.of(line).delete(MODELS + "/" + encode(words.get(1)) + "/" + encode(words.get(2))),
                        "removed " + words.get(1) + ":" + words.get(2));
            }
            default -> throw unknown(what, List.of("list", "add", "remove"));
        }
    }

    private void addModel(Path file, JsonObject properties) throws CommandException, IOException {
        if (Files.isDirectory(file)) {
            Path zip = Files.createTempFile("edgewright-", ".zip");
            try {
                ModelFolder.zip(file, zip);
                upload(zip, file.toRealPath().getFileName() + ".zip", properties);
            } finally {
                Files.delete(zip);
            }
            return;
        }
        if (!Files.isRegularFile(file)) {
            throw new FileNotFoundException(
                    "'" + file + "' is not there, expected a model file, a model folder, or a zip of one");
        }
        upload(file, file.getFileName().toString(), properties);
    }

    private void upload(Path file, String name, JsonObject properties) throws CommandException, IOException {
        var query = new StringBuilder("?file=" + encode(name));
        for (String option : List.of("name", "version", "sha256")) {
            line.option(option)
                    .ifPresent(v -> query.append('&').append(option).append('=').append(encode(v)));
        }
        if (!properties.isEmpty()) {
            query.append("&properties=").append(encode(properties.toString()));
        }
        JsonObject manifest = GatewayClient.of(line)
                .send("POST", MODELS + query, BodyPublishers.ofFile(file), "application/octet-stream")
                .getAsJsonObject();
        done(manifest, "added " + text(manifest, "name") + ":" + text(manifest, "version"));
    }

    private void settings() throws UsageException, CommandException, IOException {
        List<String> words = line.arguments();
        String what = words.isEmpty() ? "list" : words.get(0);
        switch (what) {
            case "list" -> {
                expect(words, words.size() <= 2, "settings list [PID]");
                if (words.size() == 2) {
                    describe(words.get(1));
                } else {
                    JsonObject json = GatewayClient.of(line).get(SETTINGS).getAsJsonObject();
                    show(json, Tables.configurations(array(json, "settings")), "nothing can be configured");
                }
            }
            case "set" -> {
                boolean named = words.size() > 2 && !words.get(2).contains("=");
                expect(words, words.size() > (named ? 3 : 2), "settings set PID [NAME] KEY=VALUE...");
                String subject = subject(words, named);
                JsonObject settings = SettingsText.texts(words.subList(named ? 3 : 2, words.size()));
                done(
                        GatewayClient.of(line)
                                .send(
                                        "PUT",
                                        SETTINGS + subject,
                                        BodyPublishers.ofString(settings.toString()),
                                        "application/json"),
                        "set " + subject.substring(1));
            }
            case "remove" -> {
                expect(words, words.size() == 2 || words.size() == 3, "settings remove PID [NAME]");
                String subject = subject(words, words.size() == 3);
                done(GatewayClient.of(line).delete(SETTINGS + subject), "removed " + subject.substring(1));
            }
            default -> throw unknown(what, List.of("list", "set", "remove"));
        }
    }

    private void drift() throws UsageException, CommandException, IOException {
        List<String> words = line.arguments();
        String what = words.isEmpty() ? "list" : words.get(0);
        switch (what) {
            case "list" -> {
                expect(words, words.size() <= 1, "drift list");
                JsonObject json = GatewayClient.of(line).get(DRIFT).getAsJsonObject();
                show(json, Tables.drift(array(json, "drift")), "no deployment has capture.per.second above 0");
            }
            case "recalibrate" -> {
                expect(words, words.size() == 2, "drift recalibrate NAME");
                JsonElement json = GatewayClient.of(line)
                        .send(
                                "POST",
                                DRIFT + "/" + encode(words.get(1)) + "/recalibrate",
                                BodyPublishers.noBody(),
                                "application/json");
                int again = array(json.getAsJsonObject(), "optimizations").size();
                done(
                        json,
                        "what " + words.get(1) + " sees from now on is normal"
                                + (again == 0 ? "" : "; its variant is made afresh with it"));
            }
            default -> throw unknown(what, List.of("list", "recalibrate"));
        }
    }

    private void describe(String pid) throws CommandException, IOException {
        JsonObject type =
                GatewayClient.of(line).get(SETTINGS + "/" + encode(pid)).getAsJsonObject();
        if (line.flag("json")) {
            print(type);
            return;
        }
        out.println(text(type, "title") + ": " + text(type, "description"));
        out.println();
        Tables.settings(type).print(out);
        out.println();
        var one = new JsonArray();
        one.add(type);
        Tables.configurations(one).print(out);
    }

    private static String subject(List<String> words, boolean named) {
        return "/" + encode(words.get(1)) + (named ? "/" + encode(words.get(2)) : "");
    }

    private void deployments() throws UsageException, CommandException, IOException {
        List<String> words = line.arguments();
        String what = words.isEmpty() ? "list" : words.get(0);
        if (what.equals("list")) {
            expect(words, words.size() <= 1, "deployments list");
            JsonObject json = GatewayClient.of(line).get(DEPLOYMENTS).getAsJsonObject();
            show(
                    json,
                    Tables.deployments(array(json, "deployments")),
                    "no deployments; make one with 'edgewright deployments set NAME model=MODEL'");
            return;
        }
        List<String> others = List.of("list", "set", "remove", "history", "promote", "rollback");
        if (!others.contains(what)) {
            throw unknown(what, others);
        }
        expect(
                words,
                words.size() >= 2 && what.equals("set") == words.size() > 2,
                "deployments " + line.command().synopsis());
        String name = words.get(1);
        String path = DEPLOYMENTS + "/" + encode(name);
        switch (what) {
            case "set" -> {
                JsonObject settings = SettingsText.parse(words.subList(2, words.size()));
                done(
                        GatewayClient.of(line)
                                .send("PUT", path, BodyPublishers.ofString(settings.toString()), "application/json"),
                        "set " + name);
            }
            case "remove" -> done(GatewayClient.of(line).delete(path), "removed " + name);
            case "history" -> {
                int limit = line.number("limit", 20, 1, 100_000);
                JsonObject json = GatewayClient.of(line)
                        .get(path + "/history?limit=" + limit)
                        .getAsJsonObject();
                show(json, Tables.history(json), "no events of " + name);
            }
            default ->
                done(
                        GatewayClient.of(line)
                                .send("POST", path + "/" + what, BodyPublishers.noBody(), "application/json"),
                        what.equals("promote") ? "promoted " + name : "rolled back " + name);
        }
    }

    private void show(JsonObject json, Table table, String ifEmpty) {
        if (line.flag("json")) {
            print(json);
        } else if (table.isEmpty()) {
            err.println(ifEmpty);
        } else {
            table.print(out);
        }
    }

    private void done(JsonElement json, String message) {
        if (line.flag("json")) {
            print(json);
        } else {
            out.println(message);
        }
    }

    private void print(JsonElement json) {
        out.println(new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .serializeSpecialFloatingPointValues()
                .create()
                .toJson(json));
    }

    private static void expect(List<String> words, boolean right, String usage) throws UsageException {
        if (!right) {
            throw new UsageException(
                    "'%s' does not fit, expected: edgewright %s".formatted(String.join(" ", words), usage));
        }
    }

    private UsageException unknown(String word, List<String> words) {
        return new UsageException("unknown '%s %s'%s; expected one of %s"
                .formatted(line.command().name(), word, Suggestion.text(word, words), String.join(", ", words)));
    }

    private static JsonArray array(JsonObject json, String key) {
        return json.has(key) ? json.getAsJsonArray(key) : new JsonArray();
    }

    static String text(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull()
                ? ""
                : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
