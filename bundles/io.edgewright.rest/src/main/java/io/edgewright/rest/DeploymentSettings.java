// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.model.VersionRule;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Pipeline;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The settings of a deployment as JSON: which there are, of what type and in what range. */
final class DeploymentSettings {

    /** Turns a value into what is stored, or says what was expected. */
    @FunctionalInterface
    private interface Kind {
        Object parse(String name, JsonElement value) throws HttpProblem;
    }

    private static final Map<String, Kind> KINDS = kinds();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    private DeploymentSettings() {}

    /** Refuses a name that the runtime would not serve under: its configuration would be stored, and fail at every start. */
    static void checkName(String name) throws HttpProblem {
        if (!NAME.matcher(name).matches()) {
            throw HttpProblem.bad("name '" + name
                    + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', '-', not starting with a dot");
        }
    }

    /** {@return the names of all settings} */
    static List<String> names() {
        return List.copyOf(KINDS.keySet());
    }

    /**
     * {@return the values to store}
     *
     * @throws HttpProblem 400 naming the setting, what was expected and what was found
     */
    static Map<String, Object> parse(JsonObject json) throws HttpProblem {
        Json.checkMembers(json, names());
        Map<String, Object> values = new HashMap<>();
        for (String name : json.keySet()) {
            Kind kind = KINDS.get(name);
            if (kind != null) {
                values.put(name, kind.parse(name, json.get(name)));
            }
        }
        return values;
    }

    /**
     * Refuses settings under which nothing could be served.
     *
     * @param values all that would be stored
     * @throws HttpProblem 400 if the versions that are wished for lie below the floor
     */
    static void checkFloor(Map<String, Object> values) throws HttpProblem {
        String version = String.valueOf(values.getOrDefault("version", ""));
        Optional<ModelVersion> floor = floorOf(values);
        if (floor.isPresent() && !VersionRule.parse(version).reaches(floor.get())) {
            throw HttpProblem.bad("'version' is '" + version + "', below 'version.floor', which is " + floor.get()
                    + ": nothing was changed");
        }
    }

    /** {@return the version below which a deployment with these settings serves none} */
    static Optional<ModelVersion> floorOf(Map<String, Object> values) {
        return floor(String.valueOf(values.getOrDefault("version.floor", "")));
    }

    private static Optional<ModelVersion> floor(String text) {
        return text.isBlank() ? Optional.empty() : Optional.of(ModelVersion.parse(text.strip()));
    }

    private static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put("name", DeploymentSettings::modelName);
        kinds.put("model", DeploymentSettings::modelName);
        kinds.put("version", DeploymentSettings::version);
        kinds.put("version.floor", parsed(DeploymentSettings::floor));
        kinds.put("accelerators", DeploymentSettings::strings);
        kinds.put("placement", oneOf("preferred", "spread"));
        kinds.put("goal", oneOf("throughput", "latency"));
        kinds.put("instances", whole(0, 1024));
        kinds.put("queue.length", whole(1, 100_000));
        kinds.put("batch.max", whole(1, 64));
        kinds.put("timeout.millis", whole(0, Integer.MAX_VALUE));
        kinds.put("rollout", oneOf("immediate", "canary", "shadow"));
        kinds.put("canary.percent", whole(1, 100));
        kinds.put("observe.seconds", whole(0, 30 * 86_400));
        kinds.put("observe.requests", whole(1, 1_000_000_000));
        kinds.put("max.error.percent", whole(0, 100));
        kinds.put("max.latency.ratio", real(0.1, 1000));
        kinds.put("max.disagreement.percent", whole(0, 100));
        kinds.put("agreement.tolerance", real(0, 1e6));
        kinds.put("trusted", DeploymentSettings::flag);
        kinds.put("driver.options", DeploymentSettings::options);
        kinds.put("passes", parsed(Pipeline::parse));
        kinds.put("calibration", parsed(CalibrationSource::parse));
        kinds.put("budget", parsed(Budget::parse));
        kinds.put("gate.agreement.percent", real(0, 100));
        kinds.put("gate.loss.points", real(0, 100));
        kinds.put("capture.per.second", real(0, 1000));
        kinds.put("capture.keep", oneOf("memory", "disk"));
        kinds.put("capture.mib", whole(1, 4096));
        return kinds;
    }

    private static Object modelName(String name, JsonElement value) throws HttpProblem {
        String text = text(name, value);
        try {
            return ModelId.of(text, "1").name();
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad("'" + name + "': " + e.getMessage());
        }
    }

    private static Object version(String name, JsonElement value) throws HttpProblem {
        try {
            return VersionRule.parse(text(name, value)).toString();
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad("'" + name + "': " + e.getMessage());
        }
    }

    /** Text that the parser takes without an IllegalArgumentException. */
    private static Kind parsed(Consumer<String> parser) {
        return (name, value) -> {
            String text = text(name, value);
            try {
                parser.accept(text);
                return text;
            } catch (IllegalArgumentException e) {
                throw HttpProblem.bad("'" + name + "': " + e.getMessage());
            }
        };
    }

    private static String[] strings(String name, JsonElement value) throws HttpProblem {
        if (!(value instanceof JsonArray array)) {
            throw wrong(name, value, "a list of strings");
        }
        String[] strings = new String[array.size()];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = text(name, array.get(i));
        }
        return strings;
    }

    private static Object options(String name, JsonElement value) throws HttpProblem {
        String[] entries = strings(name, value);
        try {
            LoadOptions.parse(List.of(entries));
            return entries;
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad("'" + name + "': " + e.getMessage());
        }
    }

    private static Object flag(String name, JsonElement value) throws HttpProblem {
        if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        throw wrong(name, value, "true or false");
    }

    private static Kind oneOf(String... words) {
        return (name, value) -> {
            String text = text(name, value);
            if (List.of(words).contains(text)) {
                return text;
            }
            throw wrong(name, value, String.join(" or ", words));
        };
    }

    private static Kind whole(int least, int most) {
        return (name, value) -> {
            String expected = "a whole number of " + least + " to " + most;
            double number = number(name, value, expected);
            if (number != Math.rint(number) || number < least || number > most) {
                throw wrong(name, value, expected);
            }
            return (int) number;
        };
    }

    private static Kind real(double least, double most) {
        return (name, value) -> {
            String expected = "a number of " + least + " to " + most;
            double number = number(name, value, expected);
            if (!(number >= least && number <= most)) {
                throw wrong(name, value, expected);
            }
            return number;
        };
    }

    private static double number(String name, JsonElement value, String expected) throws HttpProblem {
        if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            return new BigDecimal(primitive.getAsString()).doubleValue();
        }
        throw wrong(name, value, expected);
    }

    private static String text(String name, JsonElement value) throws HttpProblem {
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return primitive.getAsString();
        }
        throw wrong(name, value, "a string");
    }

    private static HttpProblem wrong(String name, JsonElement value, String expected) {
        return HttpProblem.bad("'" + name + "' is " + value + ", expected " + expected);
    }
}
