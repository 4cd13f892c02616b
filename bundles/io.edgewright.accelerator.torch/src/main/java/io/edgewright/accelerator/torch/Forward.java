// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The method {@code forward} of a module, as its source text declares it.
 *
 * @param arguments without {@code self}
 * @param result the type of what it returns, such as {@code Tuple[Tensor, Tensor]}
 */
record Forward(List<Argument> arguments, String result) {

    private static final int MOST_CHARACTERS = 64 << 10;
    private static final int MOST_ARGUMENTS = 1000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

    /**
     * One argument.
     *
     * @param name its name
     * @param type its type, such as {@code Tensor} or {@code Optional[int]}
     * @param hasDefault whether it may be left out
     */
    record Argument(String name, String type, boolean hasDefault) {

        /** {@return the type without {@code Optional[...]}} */
        String plainType() {
            return type.startsWith("Optional[") ? type.substring(9, type.length() - 1) : type;
        }
    }

    /** Copies. */
    Forward {
        arguments = List.copyOf(arguments);
    }

    /**
     * {@return the declaration}
     *
     * @param code a source file of a TorchScript archive
     * @param simpleName the class within it
     * @throws ScriptException if there is no such class, it has no {@code forward}, or that is malformed
     */
    static Forward parse(String code, String simpleName) throws ScriptException {
        String body = body(code, simpleName, "Module");
        Matcher def = Pattern.compile("^  def forward\\(", Pattern.MULTILINE).matcher(body);
        if (!def.find()) {
            throw ScriptException.unsupported(
                    "its class " + simpleName + " has no method forward, which is what a run calls");
        }
        int end = closing(body, def.end());
        List<String> parts = split(body.substring(def.end(), end));
        if (parts.isEmpty() || parts.size() > MOST_ARGUMENTS) {
            throw malformed("%d arguments".formatted(parts.size()));
        }
        List<Argument> arguments = new ArrayList<>();
        for (String part : parts.subList(1, parts.size())) {
            arguments.add(argument(part));
        }
        Matcher result = Pattern.compile("\\s*->([^:]*):").matcher(body);
        result.region(end + 1, Math.min(body.length(), end + 1 + MOST_CHARACTERS));
        if (!result.lookingAt()) {
            throw malformed("no type of its result");
        }
        return new Forward(arguments, result.group(1).strip());
    }

    /** {@return the lines of a class, as far as the next one} */
    static String body(String code, String simpleName, String base) throws ScriptException {
        Matcher start = Pattern.compile(
                        "^class " + Pattern.quote(simpleName) + "\\(" + base + "\\):", Pattern.MULTILINE)
                .matcher(code);
        if (!start.find()) {
            throw ScriptException.broken("its code has no class " + simpleName + "(" + base + ")");
        }
        int end = code.indexOf("\nclass ", start.end());
        return code.substring(start.end(), end < 0 ? code.length() : end);
    }

    /** {@return the items between commas that are not within brackets or quotes} */
    static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"' || c == '\'') {
                i = Math.min(afterQuote(list, i), list.length()) - 1;
            } else if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0) {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(list.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (!list.substring(start).isBlank()) {
            parts.add(list.substring(start).strip());
        }
        return parts;
    }

    private static Argument argument(String part) throws ScriptException {
        int colon = part.indexOf(':');
        String name = colon < 0 ? part : part.substring(0, colon).strip();
        if (colon < 0 || !NAME.matcher(name).matches()) {
            throw malformed("an argument without name or type");
        }
        String rest = part.substring(colon + 1);
        int equals = rest.indexOf('=');
        String type = (equals < 0 ? rest : rest.substring(0, equals)).strip();
        if (type.isEmpty() || (type.startsWith("Optional[") && !type.endsWith("]"))) {
            throw malformed("an argument '" + name + "' without type");
        }
        return new Argument(name, type, equals >= 0);
    }

    /** {@return where the bracket that is open at {@code from} is closed} */
    private static int closing(String text, int from) throws ScriptException {
        int depth = 1;
        int end = Math.min(text.length(), from + MOST_CHARACTERS);
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\'') {
                i = afterQuote(text, i) - 1;
            } else if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0 && --depth == 0) {
                return i;
            }
        }
        throw malformed("no end of its arguments within " + MOST_CHARACTERS + " characters");
    }

    private static int afterQuote(String text, int from) {
        char quote = text.charAt(from);
        for (int i = from + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == quote) {
                return i + 1;
            }
        }
        return text.length();
    }

    private static ScriptException malformed(String what) {
        return ScriptException.broken("its method forward is malformed: " + what);
    }
}
