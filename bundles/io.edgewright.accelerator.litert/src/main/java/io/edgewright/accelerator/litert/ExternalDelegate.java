// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import com.sun.jna.Callback;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A delegate from a library of its own, by the entry points that TensorFlow Lite's "external delegate" has
 * ({@code tflite_plugin_create_delegate}, {@code tflite_plugin_destroy_delegate}). They are called from here rather than by
 * {@code TfLiteExternalDelegateCreate}, which drops what the delegate says when it refuses. Thread-safe.
 */
final class ExternalDelegate {

    private static final String CREATE = "tflite_plugin_create_delegate";
    private static final String DESTROY = "tflite_plugin_destroy_delegate";
    private static final Pattern MISSING =
            Pattern.compile("([^\\s:]+\\.so[.\\d]*): cannot open shared object file: No such file");

    private final String name;
    private final String library;
    private final Map<String, String> options;
    private final Function create;
    private final Function destroy;

    /** Gets what a delegate complains of. */
    interface Reporter extends Callback {

        /** Called while a delegate is made. */
        void report(String text);
    }

    private ExternalDelegate(
            String name, String library, Map<String, String> options, Function create, Function destroy) {
        this.name = name;
        this.library = library;
        this.options = options;
        this.create = create;
        this.destroy = destroy;
    }

    /**
     * Loads a library.
     *
     * @param name for messages
     * @param library its path, or a name that the system's loader finds
     * @param options for the delegate
     * @param hint what to install if it is not there
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE}
     */
    static ExternalDelegate load(String name, String library, Map<String, String> options, String hint)
            throws InferenceException {
        String found = LibraryFile.check(library, hint);
        NativeLibrary loaded;
        try {
            loaded = NativeLibrary.getInstance(found);
        } catch (UnsatisfiedLinkError e) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, notLoaded(found, hint, e), e);
        }
        try {
            return new ExternalDelegate(
                    name, found, new TreeMap<>(options), loaded.getFunction(CREATE), loaded.getFunction(DESTROY));
        } catch (UnsatisfiedLinkError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "%s is no delegate for TensorFlow Lite: it has no %s and %s; expected the vendor's external delegate"
                            .formatted(found, CREATE, DESTROY),
                    e);
        }
    }

    private static String notLoaded(String library, String hint, UnsatisfiedLinkError e) {
        String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        Matcher missing = MISSING.matcher(String.valueOf(e.getMessage()));
        while (missing.find()) {
            if (library.endsWith(missing.group(1))) {
                return "%s is not there; %s".formatted(library, hint);
            } else {
                return "%s needs %s, which is not installed: install the package that has it"
                        .formatted(library, missing.group(1));
            }
        }
        return "%s does not load: %s; %s".formatted(library, said, hint);
    }

    String name() {
        return name;
    }

    /**
     * Makes a delegate for one interpreter.
     *
     * @return a TfLiteDelegate
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE} and its own words if it refuses
     */
    long create() throws InferenceException {
        var said = new ErrorText();
        Reporter reporter = said::add;
        Pointer delegate;
        synchronized (ExternalDelegate.class) {
            delegate = create.invokePointer(new Object[] {
                strings(options.keySet().toArray(new String[0])),
                strings(options.values().toArray(new String[0])),
                (long) options.size(),
                reporter
            });
        }
        if (delegate == null || Pointer.nativeValue(delegate) == 0) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "%s gives no delegate for the options %s: %s; is the device plugged in, free, and are its options right?"
                            .formatted(library, options, said.take()),
                    null);
        }
        return Pointer.nativeValue(delegate);
    }

    /** Frees a delegate whose interpreter is gone. */
    void destroy(long delegate) {
        synchronized (ExternalDelegate.class) {
            destroy.invokeVoid(new Object[] {new Pointer(delegate)});
        }
    }

    private static Object strings(String[] texts) {
        return texts.length == 0 ? Pointer.NULL : new StringArray(texts, "UTF-8");
    }
}
