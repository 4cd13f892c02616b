// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher.log;

import org.apache.felix.framework.Logger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.slf4j.LoggerFactory;

/** Hands what Felix itself has to say to SLF4J: by itself it prints to standard output. */
public final class FelixLog extends Logger {

    private final org.slf4j.Logger log = LoggerFactory.getLogger("org.apache.felix.framework");

    /** Made by the launcher. */
    public FelixLog() {}

    @Override
    @SuppressWarnings("rawtypes") // as Felix declares it
    protected void doLog(
            @Nullable Bundle bundle,
            @Nullable ServiceReference service,
            int level,
            String message,
            @Nullable Throwable failure) {
        String text = bundle == null ? message : bundle + ": " + message;
        switch (level) {
            case LOG_ERROR -> log.error(text, failure);
            case LOG_WARNING -> log.warn(text, failure);
            case LOG_INFO -> log.info(text, failure);
            default -> log.debug(text, failure);
        }
    }
}
