// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks in the code of a TorchScript file for operators that reach files or other machines: {@code torch.save} and
 * {@code torch.from_file} write and map any file, and code runs as soon as a model is loaded. Words count wherever they
 * stand, in texts too, so that no spelling hides them.
 */
final class OutsideWorld {

    private static final Pattern FILES = Pattern.compile("\\b(save|from_file)\\b");

    /** Each namespace of {@code ops} has operators of its own; these compute only. */
    private static final Set<String> NAMESPACES = Set.of(
            "prim", "aten", "quantized", "_quantized", "prepacked", "mkldnn", "mkldnn_prepacked", "xnnpack", "sparse");

    private static final Set<String> CLASSES = Set.of("quantized", "rnn", "xnnpack", "sparse");

    private static final Pattern OPS = Pattern.compile("\\bops\\b(?:\\.(\\w+)\\.)?");
    private static final Pattern NATIVE_CLASS = Pattern.compile("\\btorch\\.classes\\b(?:\\.(\\w+)\\.)?");
    private static final Pattern GETATTR = Pattern.compile("\\bgetattr\\b(\\([\\w.()]+, \"[\\w.]*\"\\))?");

    private OutsideWorld() {}

    /**
     * Refuses code that could reach it.
     *
     * @param archive an open file
     * @throws ScriptException if it could; the message names the operator
     */
    static void refuse(ScriptArchive archive) throws java.io.IOException {
        String code = archive.allCode();
        String pickles = archive.allPickles();
        Matcher file = FILES.matcher(code);
        if (file.find()) {
            throw refused("uses '" + file.group() + "', which reads or writes files");
        }
        check(OPS.matcher(code), NAMESPACES, "ops");
        for (String text : List.of(code, pickles)) {
            check(NATIVE_CLASS.matcher(text), CLASSES, "torch.classes");
        }
        for (Matcher getattr = GETATTR.matcher(code); getattr.find(); ) {
            if (getattr.group(1) == null) {
                throw refused("uses getattr in a form that PyTorch does not write");
            }
        }
    }

    private static void check(Matcher uses, Set<String> allowed, String what) throws ScriptException {
        while (uses.find()) {
            if (!allowed.contains(String.valueOf(uses.group(1)))) {
                throw refused("uses '" + uses.group() + "', expected one of " + what + "."
                        + allowed.stream().sorted().toList());
            }
        }
    }

    private static ScriptException refused(String why) {
        return ScriptException.unsupported(
                "it is not trusted, and its code " + why + "; if you know where it comes from, trust it");
    }
}
