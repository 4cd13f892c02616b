// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher.log;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/** An OSGi log service over SLF4J, for Declarative Services and others that know no SLF4J. */
@SuppressWarnings("deprecation") // the interface brings the old methods with it
public final class OsgiLog implements LogService {

    private OsgiLog() {}

    /**
     * Registers it.
     *
     * @param context the framework's
     */
    public static void register(BundleContext context) {
        context.registerService(
                new String[] {LogService.class.getName(), LoggerFactory.class.getName()}, new OsgiLog(), null);
    }

    @Override
    public Logger getLogger(String name) {
        return getLogger(name, Logger.class);
    }

    @Override
    public Logger getLogger(Class<?> type) {
        return getLogger(type.getName(), Logger.class);
    }

    @Override
    public <L extends Logger> L getLogger(Class<?> type, Class<L> loggerType) {
        return getLogger(type.getName(), loggerType);
    }

    @Override
    public <L extends Logger> L getLogger(Bundle bundle, String name, Class<L> loggerType) {
        return getLogger(name, loggerType);
    }

    @Override
    public <L extends Logger> L getLogger(String name, Class<L> loggerType) {
        var handler = new Handler(name, loggerType == FormatterLogger.class);
        return loggerType.cast(
                Proxy.newProxyInstance(OsgiLog.class.getClassLoader(), new Class<?>[] {loggerType}, handler));
    }

    @Override
    public void log(int level, String message) {
        log(null, level, message, null);
    }

    @Override
    public void log(int level, String message, @Nullable Throwable failure) {
        log(null, level, message, failure);
    }

    @Override
    public void log(@Nullable ServiceReference<?> service, int level, String message) {
        log(service, level, message, null);
    }

    @Override
    public void log(@Nullable ServiceReference<?> service, int level, String message, @Nullable Throwable failure) {
        Bundle bundle = service == null ? null : service.getBundle();
        Level mapped =
                switch (level) {
                    case LOG_ERROR -> Level.ERROR;
                    case LOG_WARNING -> Level.WARN;
                    case LOG_INFO -> Level.INFO;
                    default -> Level.DEBUG;
                };
        write(bundle == null ? "osgi.log" : bundle.getSymbolicName(), mapped, message, failure);
    }

    private static void write(String name, Level level, String message, @Nullable Throwable failure) {
        if (LogOutput.PROCESS.isEnabled(level, name)) {
            LogOutput.PROCESS.write(level, name, message, failure);
        }
    }

    /** One logger. The interface has five methods for each of six levels, all alike. */
    private record Handler(String name, boolean printf) implements InvocationHandler {

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
            String called = method.getName();
            if (called.equals("getName") || called.equals("toString")) {
                return name;
            }
            if (called.equals("hashCode")) {
                return System.identityHashCode(proxy);
            }
            if (called.equals("equals")) {
                return arguments != null && arguments[0] == proxy;
            }
            if (called.startsWith("is")) {
                return LogOutput.PROCESS.isEnabled(
                        level(called.substring(2, called.length() - "Enabled".length())), name);
            }
            Level level = level(called);
            if (arguments == null || !LogOutput.PROCESS.isEnabled(level, name)) {
                return null;
            }
            if (arguments[0] instanceof org.osgi.service.log.LoggerConsumer<?> consumer) {
                consumer.accept(getLoggerFor(proxy));
                return null;
            }
            tell(level, String.valueOf(arguments[0]), flat(arguments));
            return null;
        }

        private static Logger getLoggerFor(Object proxy) {
            return (Logger) proxy;
        }

        private static Level level(String name) {
            return name.equalsIgnoreCase("audit") ? Level.INFO : Level.valueOf(name.toUpperCase(Locale.ROOT));
        }

        private static Object[] flat(Object[] arguments) {
            return arguments.length == 2 && arguments[1] instanceof Object[] many
                    ? many
                    : Arrays.copyOfRange(arguments, 1, arguments.length);
        }

        private void tell(Level level, String pattern, Object[] values) {
            Throwable failure = values.length > 0 && values[values.length - 1] instanceof Throwable t ? t : null;
            String text = printf
                    ? String.format(Locale.ROOT, pattern, values)
                    : MessageFormatter.arrayFormat(pattern, values).getMessage();
            write(name, level, text == null ? "" : text, failure);
        }
    }
}
