// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Takes out the shutdown hook of ONNX Runtime's environment, which would keep the class loader of this bundle, and of those
 * that it is wired to, until the process ends.
 *
 * <p>Java tells nobody which hooks there are. Where the process was started with
 * {@code --add-opens java.base/java.lang=ALL-UNNAMED}, as Kura's start scripts do, its list can be read; elsewhere the hook
 * stays. Without it the native environment is not released before the process ends, which frees it all the same.
 */
final class ExitHook {

    private ExitHook() {}

    /**
     * {@return what was made}
     *
     * @param maker the shutdown hooks that it registers are taken out again; they are known by the context class loader that
     *     they inherit from this thread
     */
    static <T> T without(Supplier<T> maker) {
        Thread thread = Thread.currentThread();
        ClassLoader context = thread.getContextClassLoader();
        ClassLoader mark = new ClassLoader(context) {};
        thread.setContextClassLoader(mark);
        try {
            return maker.get();
        } finally {
            thread.setContextClassLoader(context);
            remove(mark);
        }
    }

    private static void remove(ClassLoader mark) {
        if (!Thread.class.getModule().isOpen("java.lang", ExitHook.class.getModule())) {
            return;
        }
        try {
            Class<?> list = Class.forName("java.lang.ApplicationShutdownHooks");
            Field field = list.getDeclaredField("hooks");
            field.setAccessible(true);
            synchronized (list) { // its own lock
                if (field.get(null) instanceof Map<?, ?> hooks) { // it has none once the process ends
                    for (Object hook : List.copyOf(hooks.keySet())) {
                        if (hook instanceof Thread waiting && waiting.getContextClassLoader() == mark) {
                            Runtime.getRuntime().removeShutdownHook(waiting);
                        }
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            // another Java keeps its list elsewhere: the hook stays, as where the list is not open
        }
    }
}
