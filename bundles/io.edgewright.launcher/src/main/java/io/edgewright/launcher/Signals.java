// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes signals from the virtual machine, by {@code sun.misc.Signal} of the module {@code jdk.unsupported}: Java has nothing
 * else. By reflection, as the compiler's warning about that class cannot be suppressed.
 */
final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * Runs an action when a signal comes, each time on a new thread, instead of what the virtual machine does; it goes on to do
     * that where it does not give the signal away.
     *
     * @param name such as {@code TERM}
     */
    static void take(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object taker = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), taker);
        } catch (ReflectiveOperationException e) {
            LOG.debug("Signal {} is left to the virtual machine", name, e);
        }
    }
}
